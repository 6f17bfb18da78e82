import { expect, test } from "vitest";
import { startFarSide } from "./far-side.ts";
import { answers, issueJson, LIVE, monitorsAt, NOW, RELEASE, REVISION, WATCH } from "./sentry-answers.ts";

const ASKED = { revision: REVISION, privacy: "normal", from: LIVE, to: NOW, code: null } as const;

test("what came after the watch is asked for with one question, and under strict privacy without a title", async () => {
  await using sentry = await startFarSide(answers({ issues: [issueJson()] }));
  const monitors = monitorsAt(sentry.url);
  expect(await monitors.late(WATCH, ASKED)).toMatchObject([
    { title: "KeyError: 'Jane Doe'", place: "/patients/jane-doe", unhandled: true },
  ]);
  expect(sentry.asked.map(({ url }) => url.searchParams.get("query"))).toEqual([`firstRelease:"${RELEASE}"`]);
  const strict = await monitors.late(WATCH, { ...ASKED, privacy: "strict" });
  expect(strict).toMatchObject([{ title: "KeyError", place: "shop/cart.py in add" }]);
  expect(JSON.stringify(strict)).not.toMatch(/jane/i);
});

test("what came late says whether it broke in a changed file, under strict privacy too", async () => {
  await using sentry = await startFarSide(answers({ issues: [issueJson(), issueJson({ id: "78", metadata: { type: "KeyError" } })] }));
  const code = { files: ["backend/shop/cart.py"], directories: ["/srv/shop"] };
  for (const privacy of ["normal", "strict"] as const) {
    const told = await monitorsAt(sentry.url).late(WATCH, { ...ASKED, privacy, code });
    expect(told?.map(({ changedFiles }) => changedFiles)).toEqual([["backend/shop/cart.py"], undefined]);
  }
});

test("a Sentry that does not answer is no silence", async () => {
  await using sentry = await startFarSide(() => ({ status: 500, body: {} }));
  expect(await monitorsAt(sentry.url).late(WATCH, ASKED)).toBeNull();
  expect(await monitorsAt(sentry.url).late({ ...WATCH, connection: "nobody" }, ASKED)).toBeNull();
});
