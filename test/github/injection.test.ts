import { expect, test } from "vitest";
import { parseSha } from "../../src/domain/ids.ts";
import { createGitHub } from "../../src/github/client.ts";
import { normaliseGitHub } from "../../src/github/normalise.ts";
import { attackWords, fitsArgv } from "../support/attack-words.ts";
import {
  A,
  B,
  DIGEST,
  checkBody,
  deploymentBody,
  imageBody,
  jobBody,
  mergedBody,
  pushBody,
  ruleBody,
  runBody,
  statusBody,
} from "./bodies.ts";
import { listeningLog, startFarSide } from "./far-side.ts";

const WORDS = attackWords(51, 400);
const B_ID = parseSha(B) ?? idFault();
/** A line of text as events carry it. */
const ODD = /\p{Cc}|\p{Cs}/u;

test("whatever a webhook calls things: ignored in words, or text on one line beside full commit ids", () => {
  let heard = 0;
  for (const word of WORDS) {
    const bodies: readonly [string, unknown][] = [
      ["push", pushBody({ ref: word })],
      ["push", pushBody({ ref: `refs/heads/${word}`, before: word })],
      ["push", pushBody({ after: word })],
      ["push", pushBody({ pusher: { name: word, email: word }, sender: { login: word }, compare: word })],
      ["push", pushBody({ commits: [{ id: A, message: word, url: word, author: { name: word, email: word, username: word } }] })],
      ["push", pushBody({ commits: [{ id: word, message: "x", url: null, author: {} }] })],
      ["workflow_run", runBody({ head_branch: word, name: word, path: word, event: word })],
      ["workflow_run", runBody({ head_sha: word, html_url: word })],
      ["workflow_job", jobBody({ name: word, workflow_name: word, head_branch: word })],
      ["workflow_job", jobBody({ head_sha: word, status: word, conclusion: word })],
      [word, pushBody()],
      ["check_run", checkBody({ name: word, app: { id: 7, slug: word }, html_url: word, check_suite: { head_branch: word } })],
      ["check_run", checkBody({ head_sha: word, status: word, conclusion: word, started_at: word })],
      ["status", statusBody({ context: word, target_url: word, sender: { login: word } })],
      ["status", statusBody({ sha: word, state: word })],
      ["deployment", deploymentBody({ environment: word, payload: { greenlight: word }, creator: { login: word } })],
      ["deployment_protection_rule", ruleBody({ environment: word })],
      [
        "deployment_protection_rule",
        ruleBody({ deployment_callback_url: `https://x.test/${word}/actions/runs/7/deployment_protection_rule` }),
      ],
      ["pull_request", mergedBody({ title: word, body: word, user: { login: word }, html_url: word })],
      ["registry_package", imageBody({ package_url: word, version: word, container_metadata: { tag: { name: word, digest: DIGEST } } })],
    ];
    for (const [event, body] of bodies) {
      const told = normaliseGitHub(event, Buffer.from(JSON.stringify(body)));
      if (told.kind === "ignored") {
        if (told.reason.length < 10) throw new Error(`${JSON.stringify(word)} was ignored without a sentence`);
        continue;
      }
      if (told.kind !== "events") throw new Error(`${event} was taken for a ${told.kind}`);
      for (const one of told.events) {
        heard += 1;
        const revision = one.kind === "push" ? one.after : one.revision;
        if (revision === null ? one.kind !== "image" : parseSha(revision) === null)
          throw new Error(`${JSON.stringify(word)} became the revision ${revision}`);
        const strings = JSON.stringify(one, (key, value: unknown) => {
          if (typeof value !== "string") return value;
          // Only a description has lines.
          return ODD.test(key === "body" ? value.replaceAll("\n", " ") : value) ? "ODD" : value;
        });
        if (strings.includes('"ODD"')) throw new Error(`${JSON.stringify(word)} came through in ${strings}`);
      }
    }
  }
  expect(heard).toBeGreaterThan(WORDS.length);
});

test("a name is asked for below its own repository and nowhere else, and only a full id comes back", { timeout: 60_000 }, async () => {
  await using far = await startFarSide(({ url }) => {
    if (!url.includes("/git/ref/")) return { status: 404 };
    const ref = decodeURIComponent(url.split("/git/ref/")[1] ?? "");
    return { status: 200, json: { ref: `refs/${ref}`, object: { type: "commit", sha: A } } };
  });
  const github = createGitHub({ apiUrl: far.apiUrl, token: "ghp_x", app: null, log: listeningLog() });
  const branches = WORDS.filter(fitsArgv).slice(0, 30);
  for (const word of branches) {
    const resolved = await github.resolve("acme/shop", word);
    if (resolved !== null && resolved !== A) throw new Error(`${JSON.stringify(word)} resolved to ${resolved}`);
    await github.reachable("acme/shop", word, B_ID);
  }
  const elsewhere = far.seen.filter(({ url }) => !/^\/repos\/acme\/shop(\/(git\/ref|commits|compare)\/[^?]+)?(\?|$)/u.test(url));
  expect(elsewhere).toEqual([]);
  // As a proxy or GitHub itself would read them.
  const climbing = far.seen.filter(({ url }) => !new URL(url, "http://x.test").pathname.startsWith("/repos/acme/shop"));
  expect(climbing).toEqual([]);
  expect(far.seen.length).toBeGreaterThan(20);
});

function idFault(): never {
  throw new Error("the test's own id is wrong");
}
