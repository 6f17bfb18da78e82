import { expect, test } from "vitest";
import type { ErrorsSeen } from "../../src/domain/measurement.ts";
import { startFarSide } from "./far-side.ts";
import type { Reply } from "./far-side.ts";
import { RELEASE, WATCH, answers, issueJson, look, monitorsAt } from "./sentry-answers.ts";

const EVENT = "b0".repeat(16);
const COMMIT = "c0ffee00".repeat(5);
const held = { after: [[1, 3]], issues: [issueJson(), issueJson({ id: "78", count: "1" })] } as const;
const suspicion = {
  committers: [{ author: { name: "Ann Lee", email: "ann@acme.test" }, commits: [{ id: COMMIT, message: "fix: cart" }] }],
};

async function seenWith(reply: Reply, change: Parameters<typeof look>[0] = {}): Promise<{ seen: ErrorsSeen; asked: readonly string[] }> {
  await using sentry = await startFarSide((asked) => {
    if (asked.url.pathname.endsWith("/committers/")) return reply;
    if (asked.url.searchParams.getAll("field").includes("id"))
      return { body: { data: [{ id: EVENT, timestamp: "2026-03-02T09:36:00Z" }] } };
    return answers(held)(asked);
  });
  const seen = await monitorsAt(sentry.url).sentry(WATCH, look(change));
  if (seen.kind !== "errors") throw new Error(`expected errors, got ${seen.kind}`);
  const about = sentry.asked.filter(({ url }) => url.pathname.includes("/committers/") || url.searchParams.getAll("field").includes("id"));
  return { seen, asked: about.map(({ url }) => url.searchParams.get("query") ?? url.pathname) };
}

test("names the commit that Sentry suspects of the worst error, and asks no more once it is known", async () => {
  const { seen, asked } = await seenWith({ body: suspicion });
  expect(seen.newIssues.map(({ id, suspect }) => [id, suspect])).toEqual([
    ["77", { revision: COMMIT, author: "Ann Lee" }],
    ["78", undefined],
  ]);
  expect(asked).toEqual([`issue.id:"77" release:"${RELEASE}"`, `/api/0/projects/acme/shop/events/${EVENT}/committers/`]);
  const later = await seenWith({ body: suspicion }, { look: 8, earlier: seen });
  expect(later.asked).toEqual([]);
  expect(later.seen.newIssues[0]?.suspect).toEqual({ revision: COMMIT, author: "Ann Lee" });
});

test("with strict privacy nobody is asked for or named", async () => {
  const { seen, asked } = await seenWith({ body: suspicion }, { privacy: "strict" });
  expect(asked).toEqual([]);
  expect(JSON.stringify(seen)).not.toContain("Ann");
});

test.each([
  { name: "a release without commits", reply: { status: 404, body: {} } },
  { name: "a server with another answer", reply: { body: { committers: "ann" } } },
  { name: "a server that fails", reply: { status: 503, body: {} } },
])("nothing is missing but the name for $name", async ({ reply }) => {
  const { seen } = await seenWith(reply);
  expect(seen.newIssues.map(({ id, suspect }) => [id, suspect])).toEqual([
    ["77", undefined],
    ["78", undefined],
  ]);
});
