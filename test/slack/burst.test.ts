import { describe, expect, test } from "vitest";
import { startSlack, type TestSlack } from "../slack-simulator/world.ts";
import { everyCard } from "./cards.ts";
import { hang, type Wall } from "./wall.ts";

/** Many deployments at once, at the simulator's real rate limits. The clock is the test's: painter and simulator go by it. */

const START = new Date("2026-11-24T09:00:00Z").getTime();
const STEP_MS = 250;

type Time = { now(): Date; pass(ms: number): void; at(): number };

function time(): Time {
  let at = START;
  return { now: () => new Date(at), pass: (ms) => void (at += ms), at: () => at };
}

const cards = everyCard();
function card(name: string): (typeof cards)[string] & object {
  const found = cards[name];
  if (found === undefined) throw new Error(`no card named ${name}`);
  return found;
}

/** Looks until nothing is left to be shown. @returns the milliseconds that passed, by the test's clock */
async function painted(wall: Wall, clock: Time, ids: readonly string[], meanwhile: () => void = () => undefined): Promise<number> {
  const begun = clock.at();
  while (ids.some((id) => !wall.shown(id))) {
    meanwhile();
    await wall.look();
    clock.pass(STEP_MS);
    if (clock.at() - begun > 600_000)
      throw new Error(`after ten minutes ${ids.filter((id) => !wall.shown(id)).length} cards are not shown`);
  }
  return clock.at() - begun;
}

/** Progress that always shows: as soon as one tick stands in Slack, the next one is due. */
function ticks(wall: Wall, ids: readonly string[]): () => void {
  const turns = new Map<string, number>();
  return () => {
    for (const id of ids) {
      if (!wall.shown(id)) continue;
      const turn = (turns.get(id) ?? 0) + 1;
      turns.set(id, turn);
      wall.put(id, card(turn % 2 === 0 ? "executing" : "watching"), { priority: "tick" });
    }
  };
}

function refusedFor(slack: TestSlack): number {
  return Object.values(slack.state().dev.calls).reduce((sum, one) => sum + one.refused, 0);
}

describe.each([1, 50, 120])("%i deployments that end within one minute", (ends) => {
  test("each show their last state in time, before every tick, and no rate limit is met", async () => {
    const clock = time();
    await using slack = await startSlack({ relaxed: false, now: clock.now });
    const wall = hang(slack, { now: clock.now });
    const ended = Array.from({ length: ends }, (_, index) => `end-${index}`);
    const ticking = Array.from({ length: 20 }, (_, index) => `tick-${index}`);
    for (const id of [...ended, ...ticking]) wall.put(id, card("executing"));
    await painted(wall, clock, [...ended, ...ticking]);
    clock.pass(60_000);
    const tick = ticks(wall, ticking);
    for (const id of ended) wall.put(id, card("failed"), { priority: "terminal" });
    const took = await painted(wall, clock, ended, tick);
    const most = Math.max(60_000, (ends / 45) * 60_000 + 10_000);
    expect(took).toBeLessThanOrEqual(most);
    expect(slack.messages("C01DEPLOYS").filter((message) => (message.text ?? "").startsWith("Failed")).length).toBe(ends);
    expect(refusedFor(slack)).toBe(0);
    expect(wall.reports).toEqual([]);
  });
});

test("live deployments share the limit: with more of them each one's card is redrawn less often", async () => {
  const clock = time();
  await using slack = await startSlack({ relaxed: false, now: clock.now });
  const wall = hang(slack, { now: clock.now });
  const ticking = Array.from({ length: 15 }, (_, index) => `tick-${index}`);
  for (const id of ticking) wall.put(id, card("executing"));
  await painted(wall, clock, ticking);
  const before = slack.state().dev.calls["chat.update"]?.total ?? 0;
  const tick = ticks(wall, ticking);
  for (const until = clock.at() + 180_000; clock.at() < until; clock.pass(STEP_MS)) {
    tick();
    await wall.look();
  }
  const updates = (slack.state().dev.calls["chat.update"]?.total ?? 0) - before;
  // 15 cards × 60 s / 45: one edit of each in 20 s, 9 in three minutes, and never more than the bucket gives.
  expect(updates).toBeGreaterThanOrEqual(15 * 6);
  expect(updates).toBeLessThanOrEqual(3 * 45 + 5);
  for (const id of ticking) {
    const versions = slack.history("C01DEPLOYS", wall.stored(id).ts ?? "").length - 1;
    expect(versions).toBeLessThanOrEqual(10);
    expect(versions).toBeGreaterThanOrEqual(5);
  }
  expect(refusedFor(slack)).toBe(0);
});
