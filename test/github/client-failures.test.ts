import { generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "vitest";
import { parseDeploymentId, parseRunId, parseSha } from "../../src/domain/ids.ts";
import { emptyRun } from "../../src/domain/pipeline.ts";
import { createGitHub } from "../../src/github/client.ts";
import { A, B } from "./bodies.ts";
import { listeningLog, startFarSide } from "./far-side.ts";
import type { FarAnswer } from "./far-side.ts";

function known<Value>(value: Value | null): Value {
  if (value === null) throw new Error("the test's own id is wrong");
  return value;
}

const base = known(parseSha(B));
const head = known(parseSha(A));
const run = emptyRun(known(parseRunId("01990000-0000-7000-8000-000000000001")), "shop", head);
const deployment = known(parseDeploymentId("01990000-0000-7000-8000-000000000002"));
const told = {
  repository: "acme/shop",
  deployment,
  environment: "production",
  production: true,
  revision: head,
  state: "success",
  url: null,
  description: "Live",
} as const;
const nothing = { changes: [], complete: false, behind: 0, authors: [] };

describe("every failure is an answer", () => {
  test.concurrent.each<{ name: string; answer: FarAnswer; says: string }>([
    { name: "401", answer: { status: 401, json: { message: "Bad credentials" } }, says: "does not accept our token" },
    { name: "403", answer: { status: 403, json: { message: "Resource not accessible" } }, says: "forbids this" },
    {
      name: "403 with the limit used up",
      answer: { status: 403, headers: { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "9999999999" } },
      says: "limit is used up",
    },
    {
      name: "a secondary limit",
      answer: { status: 403, headers: { "retry-after": "60" }, json: { message: "You have exceeded a secondary rate limit" } },
      says: "limit is used up",
    },
    { name: "429", answer: { status: 429, headers: { "retry-after": "60" } }, says: "limit is used up" },
    { name: "500", answer: { status: 500 }, says: "GitHub answered 500" },
    { name: "502 with a page", answer: { status: 502, text: "<html>Unicorn!</html>" }, says: "GitHub answered 502" },
    { name: "200 with a page", answer: { status: 200, text: "<html>Sign in</html>" }, says: "something that is not GitHub's API" },
    { name: "200 with another form", answer: { status: 200, json: { commits: "no" } }, says: "another form" },
    {
      name: "200 with broken JSON",
      answer: { status: 200, text: "{", headers: { "content-type": "application/json" } },
      says: "not GitHub's API",
    },
    { name: "silence", answer: "silence", says: "did not answer within" },
    { name: "a closed connection", answer: "hang up", says: "cannot be reached" },
    {
      name: "a redirect to another host",
      answer: { status: 301, headers: { location: "http://127.0.0.2:9/x" } },
      says: "which we do not follow",
    },
    { name: "a redirect in a circle", answer: { status: 301, headers: { location: "/again" } }, says: "which we do not follow" },
  ])("$name", async ({ answer, says }) => {
    await using far = await startFarSide(() => answer);
    const log = listeningLog();
    // Only silence has to be waited for.
    const timeoutMs = answer === "silence" ? 300 : 30_000;
    const github = createGitHub({ apiUrl: far.apiUrl, token: "ghp_secret", app: null, timeoutMs, log });
    expect(await github.compare("acme/shop", base, head)).toEqual({
      ...nothing,
      compareUrl: `${far.origin}/acme/shop/compare/${B}...${A}`,
    });
    expect(log.lines.join()).toContain(says);
    const once = log.lines.length;
    await github.compare("acme/shop", base, head);
    expect(log.lines).toHaveLength(once);
    expect([
      await github.resolve("acme/shop", "main"),
      await github.reachable("acme/shop", "main", head),
      await github.contains("acme/shop", head, base),
      await github.reread("acme/shop", run),
      await github.tell(told),
    ]).toEqual([null, null, null, null, false]);
    expect(log.lines.join()).not.toMatch(/ghp_secret|Unicorn|Sign in/);
    // Nothing was created on no ground: what could not be looked for is not made.
    expect(far.seen.filter((one) => one.method === "POST")).toEqual([]);
  });

  test("without an account nothing is asked, and the page to compare on is still named", async () => {
    const log = listeningLog();
    const github = createGitHub({ apiUrl: null, token: null, app: null, log, fetch: () => Promise.reject(new Error("asked")) });
    expect(await github.compare("acme/shop", base, head)).toEqual({
      ...nothing,
      compareUrl: `https://github.com/acme/shop/compare/${B}...${A}`,
    });
    expect(github.environmentPage("acme/shop", "review/pay&go")).toBe("https://github.com/acme/shop/deployments/review%2Fpay%26go");
    expect([
      await github.resolve("acme/shop", "main"),
      await github.reachable("acme/shop", "main", head),
      await github.contains("acme/shop", head, base),
      await github.reread("acme/shop", run),
      await github.tell(told),
    ]).toEqual([null, null, null, null, true]);
    expect(log.lines).toEqual([]);
  });

  test.each(["acme", "acme/shop/more", "../shop", "acme/..", "acme/sh op", "", "acme/shop?x"])(
    "the repository %j is not asked for",
    async (name) => {
      await using far = await startFarSide(() => ({ status: 200 }));
      const github = createGitHub({ apiUrl: far.apiUrl, token: "t", app: null, log: listeningLog() });
      expect(await github.compare(name, base, head)).toMatchObject(nothing);
      expect(far.seen).toEqual([]);
    },
  );

  test.each(["--upload-pack=x", "a..b", "a b", "a\u0000", "a//b", "", "refs/heads/", "refs/pull/1/head"])(
    "the ref %j resolves to nothing",
    async (ref) => {
      await using far = await startFarSide(() => ({ status: 404 }));
      const github = createGitHub({ apiUrl: far.apiUrl, token: "t", app: null, log: listeningLog() });
      expect(await github.resolve("acme/shop", ref)).toBeNull();
    },
  );
});

describe("writes", () => {
  test("a creation that got no answer is looked for before anything else, and made once", async () => {
    await using far = await startFarSide((seen, earlier) => {
      const made = earlier.filter((one) => one.method === "POST" && one.url.endsWith("/deployments"));
      if (seen.method === "GET" && seen.url.includes("/statuses")) return { status: 200, json: [] };
      if (seen.method === "GET")
        return { status: 200, json: made.map((one) => ({ id: 7, sha: A, payload: JSON.parse(one.body).payload })) };
      return seen.url.endsWith("/deployments") ? "hang up" : { status: 201, json: { id: 8 } };
    });
    const github = createGitHub({ apiUrl: far.apiUrl, token: "t", app: null, log: listeningLog() });
    await Promise.all([github.tell(told), github.tell({ ...told, description: "Live for good" })]);
    const posts = far.seen.filter((one) => one.method === "POST");
    expect(posts.map((one) => one.url)).toEqual([
      "/repos/acme/shop/deployments",
      "/repos/acme/shop/deployments/7/statuses",
      "/repos/acme/shop/deployments/7/statuses",
    ]);
    expect(JSON.parse(posts[0]?.body ?? "")).toMatchObject({
      ref: A,
      auto_merge: false,
      required_contexts: [],
      production_environment: true,
      payload: { greenlight: deployment },
    });
  });

  test("what ended there does not begin again, and a long description is cut", async () => {
    await using far = await startFarSide((seen) => {
      if (seen.url.includes("/statuses?")) return { status: 200, json: [{ state: "success", description: "Live" }] };
      if (seen.method === "GET") return { status: 200, json: [{ id: 7, sha: A, payload: JSON.stringify({ greenlight: deployment }) }] };
      return { status: 201, json: { id: 8 } };
    });
    const github = createGitHub({ apiUrl: far.apiUrl, token: "t", app: null, log: listeningLog() });
    await github.tell({ ...told, state: "in_progress" });
    await github.tell(told);
    expect(far.seen.filter((one) => one.method === "POST")).toEqual([]);
    await github.tell({ ...told, state: "failure", description: `${"💥".repeat(300)}` });
    const post = JSON.parse(far.seen.findLast((one) => one.method === "POST")?.body ?? "{}");
    expect(post.state).toBe("failure");
    expect(post.description.length).toBeLessThanOrEqual(140);
  });
});

describe("signing in", () => {
  test("a redirect on the same host is followed, with the token", async () => {
    await using far = await startFarSide((seen) =>
      seen.url.startsWith("/repos/acme/shop/commits")
        ? { status: 301, headers: { location: "/api/v3/repositories/17/x" } }
        : { status: 200, json: { sha: A } },
    );
    const github = createGitHub({ apiUrl: far.apiUrl, token: "ghp_secret", app: null, log: listeningLog() });
    expect(await github.resolve("acme/shop", A)).toBe(A);
    expect(far.seen.at(-1)).toMatchObject({ url: "/repositories/17/x", authorization: "token ghp_secret" });
  });

  test("an App asks with the token of its installation", async () => {
    const { privateKey } = generateKeyPairSync("rsa", {
      modulusLength: 2048,
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
      publicKeyEncoding: { type: "spki", format: "pem" },
    });
    await using far = await startFarSide((seen) => {
      if (seen.url.endsWith("/installation")) return { status: 200, json: { id: 5 } };
      if (seen.url.endsWith("/access_tokens"))
        return {
          status: 201,
          json: { token: "ghs_installation", expires_at: new Date(Date.now() + 3_600_000).toISOString(), permissions: {} },
        };
      return { status: 200, json: { sha: A } };
    });
    const github = createGitHub({ apiUrl: far.apiUrl, token: null, app: { id: "12", privateKey }, log: listeningLog() });
    expect(await github.resolve("acme/shop", A)).toBe(A);
    expect(await github.resolve("acme/other", A)).toBe(A);
    expect(far.seen.map((one) => one.url.split("?")[0])).toEqual([
      "/repos/acme/shop/installation",
      "/app/installations/5/access_tokens",
      `/repos/acme/shop/commits/${A}`,
      `/repos/acme/other/commits/${A}`,
    ]);
    expect(far.seen.at(-1)?.authorization).toBe("token ghs_installation");
  });

  test("a private key that is none is said, not thrown", async () => {
    const log = listeningLog();
    const github = createGitHub({ apiUrl: "http://127.0.0.1:9", token: null, app: { id: "12", privateKey: "no key" }, log });
    expect(await github.resolve("acme/shop", A)).toBeNull();
    expect(log.lines.join()).toContain("GITHUB_PRIVATE_KEY");
  });
});
