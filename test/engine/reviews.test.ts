import { afterAll, beforeAll, expect, test } from "vitest";
import { parseSha, type Sha } from "../../src/domain/ids.ts";
import type { DeployedEvent } from "../../src/domain/pipeline.ts";
import { review, type Review } from "../../src/domain/review.ts";
import { act } from "../../src/engine/act.ts";
import { ingest } from "../../src/engine/ingest.ts";
import { answerText } from "../../src/cli/answer.ts";
import { renderAnswer } from "../../src/slack/render/answer.ts";
import { openDesk, type Desk } from "../support/engine-desk.ts";
import type { Replica } from "../support/engine-replica.ts";

const GITHUB = { source: "github", connection: "default" };
const BOB = { name: "Bob <b>", email: null, login: "bob", slackId: null };
const NOON = new Date("2026-03-02T12:00:00Z");

let desk: Desk;
let bot: Replica;
beforeAll(async () => {
  desk = await openDesk();
  bot = await desk.open("one");
});
afterAll(() => desk[Symbol.asyncDispose]());

function revision(letter: string): Sha {
  const parsed = parseSha(letter.repeat(40));
  if (parsed === null) throw new Error(`${letter} makes no revision`);
  return parsed;
}

function told(environment: string, of: Sha, state: DeployedEvent["state"], minutes: number): DeployedEvent {
  return {
    kind: "deployed",
    repository: "acme/shop",
    revision: of,
    externalId: `${environment}-${of.slice(0, 3)}`,
    environment,
    tier: null,
    state,
    transient: true,
    url: `https://${environment.replace("/", "-")}.acme.test`,
    log: null,
    by: BOB,
    ours: null,
    workflowRun: null,
    at: new Date(NOON.getTime() + minutes * 60_000),
  };
}

async function listed() {
  const by = { actor: { kind: "cli" as const, user: "root" }, person: null, ours: true };
  const answer = await act(bot.engine, { kind: "reviews", app: "shop" }, by, async () => undefined);
  if (answer.kind !== "reviews") throw new Error(JSON.stringify(answer));
  return answer;
}

test("what CI made for merge requests is listed until it is thrown away", async () => {
  const [a, b] = [revision("a"), revision("b")];
  const events = [told("review/login", a, "live", 0), told("review/login", b, "live", 30), told("review/pay", a, "live", 5)];
  await ingest(bot.engine, GITHUB, [...events, { ...told("production", a, "live", 1), transient: false }]);
  const all = await listed();
  expect(all.apps[0]?.open.map(({ name, revision: at }) => [name, at])).toEqual([
    ["review/login", "bbbbbbb"],
    ["review/pay", "aaaaaaa"],
  ]);
  const drawn = renderAnswer(all, { now: NOON });
  expect(JSON.stringify(drawn.blocks)).toContain("<https://review-login.acme.test/|review/login>");
  expect(JSON.stringify(drawn.blocks)).toContain("Bob &lt;b&gt;");
  expect(JSON.stringify(drawn.blocks)).toContain("<https://git.acme.test/acme/shop/environments/review/login|Its deployments>");
  expect(answerText(all)).toContain("review/pay aaaaaaa since 2026-03-02T12:05:00.000Z");
  await ingest(bot.engine, GITHUB, [told("review/login", b, "stopped", 40), told("review/pay", a, "stopped", 41)]);
  expect((await listed()).apps).toEqual([]);
  // A late word does not open it again.
  await ingest(bot.engine, GITHUB, [told("review/pay", a, "live", 20)]);
  expect((await listed()).apps).toEqual([]);
});

test("in whatever order it is told, it ends as the newest word says", () => {
  const words = [told("r/x", revision("a"), "started", 0), told("r/x", revision("a"), "live", 2), told("r/x", revision("b"), "live", 4)];
  const ends = new Set<string>();
  for (const [first, second, third] of [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
  ]) {
    let known: Review | null = null;
    for (const at of [first, second, third, first]) known = review(known, words[at ?? 0] ?? told("r/x", revision("a"), "live", 0));
    ends.add(JSON.stringify([known?.revision, known?.since, known?.isOpen, known?.toldAt]));
  }
  expect(ends.size).toBe(1);
  expect([...ends][0]).toContain(revision("b"));
});
