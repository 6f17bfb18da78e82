import { expect, test } from "vitest";
import type { Run } from "../../src/domain/pipeline.ts";
import { createGitHub } from "../../src/github/client.ts";
import { run } from "../slack/shop.ts";
import { zipOf } from "../support/zip.ts";
import { listeningLog, startFarSide, type FarAnswer, type Seen } from "./far-side.ts";

const JUNIT =
  '<testsuite><testcase classname="cart" name="adds" file="test/cart.py" line="3"><failure/></testcase><testcase name="drops"/><testcase name="later"><skipped/></testcase></testsuite>';

function artifact(id: number, name: string, over: Readonly<Record<string, unknown>> = {}) {
  return { id, name, size_in_bytes: 500, expired: false, created_at: "2099-01-01T00:00:00Z", ...over };
}

function note(path: string, level: string, title: string | null) {
  return { path, start_line: 12, end_line: 12, annotation_level: level, title, message: "it failed", raw_details: null };
}

/** What GitHub has of a run: files, and notes on its jobs. */
async function host(files: readonly unknown[], answer: (seen: Seen) => FarAnswer | null) {
  return startFarSide((seen) => {
    const own = answer(seen);
    if (own !== null) return own;
    if (/\/runs\/1\/artifacts/.test(seen.url)) return { status: 200, json: { total_count: files.length, artifacts: files } };
    if (/\/annotations/.test(seen.url)) return { status: 200, json: [] };
    return { status: 404 };
  });
}

async function asked(far: Awaited<ReturnType<typeof host>>, of: Run = run()) {
  const github = createGitHub({ apiUrl: far.apiUrl, token: "ghs_secret", app: null, log: listeningLog(), timeoutMs: 5_000 });
  return github.tests("acme/shop", of);
}

function archive(text: string): FarAnswer & object {
  return { status: 200, text: zipOf([{ name: "junit.xml", body: Buffer.from(text) }]).toString("latin1") };
}

test("JUnit files that a workflow left are fetched from the store without our token, and summed", async () => {
  const body = zipOf([{ name: "out/junit.xml", body: Buffer.from(JUNIT) }]);
  let origin = "";
  await using far = await host(
    [artifact(1, "junit-results"), artifact(2, "screenshots"), artifact(3, "test-report", { expired: true })],
    (seen) => (/artifacts\/1\/zip/.test(seen.url) ? { status: 302, headers: { location: `${origin}/store/1` } } : null),
  );
  origin = far.origin;
  // The look-alike answers texts only.
  const fetched: { url: string; authorization: string | null }[] = [];
  const github = createGitHub({
    apiUrl: far.apiUrl,
    token: "ghs_secret",
    app: null,
    log: listeningLog(),
    fetch: async (input, init) => {
      const url = input instanceof Request ? input.url : String(input);
      if (!url.includes("/store/")) return fetch(input, init);
      fetched.push({ url, authorization: new Headers(init?.headers).get("authorization") });
      return new Response(new Uint8Array(body));
    },
  });
  expect(await github.tests("acme/shop", run())).toMatchObject([
    {
      kind: "tests",
      workflowRun: "1",
      attempt: 1,
      total: 3,
      failed: 1,
      skipped: 1,
      failures: [{ name: "cart adds", file: "test/cart.py", line: 3 }],
    },
  ]);
  expect(fetched).toEqual([{ url: `${far.origin}/store/1`, authorization: null }]);
  expect(far.seen.filter(({ url }) => url.includes("/zip"))).toHaveLength(1);
});

test("a store that is none of GitHub's is never asked, and what an earlier attempt left is not read", async () => {
  const elsewhere: string[] = [];
  await using evil = await startFarSide(({ url }) => {
    elsewhere.push(url);
    return archive(JUNIT);
  });
  const earlier = artifact(4, "junit-old", { created_at: "2001-01-01T00:00:00Z" });
  await using far = await host([artifact(1, "junit"), earlier], (seen) =>
    seen.url.includes("/zip") ? { status: 302, headers: { location: `${evil.origin}/x` } } : null,
  );
  expect(await asked(far)).toEqual([]);
  expect(elsewhere).toEqual([]);
  expect(far.seen.filter(({ url }) => url.includes("/artifacts/4/"))).toEqual([]);
});

test("without files the notes on jobs that failed name what failed, and the runner's own notes do not", async () => {
  await using far = await host([], (seen) =>
    seen.url.includes("/annotations")
      ? {
          status: 200,
          json: [note(".github", "failure", null), note("shop/cart.py", "warning", "x"), note("shop/cart.py", "failure", "test_adds")],
        }
      : null,
  );
  expect(await asked(far, run(undefined, "failed"))).toMatchObject([
    { total: 0, failed: 1, failures: [{ name: "test_adds", file: "shop/cart.py", line: 12 }] },
  ]);
  expect(await asked(far, run(undefined, "passed"))).toEqual([]);
});

test("a GitHub that does not answer says nothing of tests", async () => {
  await using far = await host([], () => ({ status: 500 }));
  expect(await asked(far)).toBeNull();
  const mute = createGitHub({ apiUrl: null, token: null, app: null, log: listeningLog() });
  expect(await mute.tests("acme/shop", run())).toBeNull();
});
