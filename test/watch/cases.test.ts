import { afterAll, beforeAll, expect, test } from "vitest";
import type { StateName } from "../../src/domain/deployment.ts";
import type { Verdict } from "../../src/domain/measurement.ts";
import { openDesk, type Desk } from "../support/engine-desk.ts";
import type { Replica } from "../support/engine-replica.ts";
import { changesWith, withFiles } from "./changes.ts";
import { EARLIER, LATER, openStage, type Stage, type StageOptions, type Troubles } from "./stage.ts";

/** A known error that is caught: what an hour of every shop has. */
const KNOWN: Omit<Troubles, "times"> = { name: "TimeoutError", user: "visitor-#", handled: true };
const CRASH: Omit<Troubles, "times"> = { name: "KeyError", user: "buyer-#", handled: false };
/** Errors of fifteen minutes, in bursts, about one a minute. */
const BURSTS = [0, 0, 1, 0, 7, 0, 0, 2, 0, 0, 0, 5, 0, 1, 0];
const QUARTER = BURSTS.length;

type Case = {
  readonly watch: Omit<StageOptions, "name">;
  /** What the deployment changes, by its two changes; absent: one change, and nobody knows. */
  readonly files?: readonly [readonly string[], readonly string[]];
  /** Errors of each minute of the hour before, from -60 to -1; one by default. */
  readonly before?: (minute: number) => number;
  /** Before it is asked for. */
  readonly begin?: (stage: Stage) => void;
  /** Once it is live. */
  readonly live?: (stage: Stage) => void;
  readonly minute: (stage: Stage, minute: number) => void;
  /** Long after the watch. */
  readonly later?: (stage: Stage) => Promise<void>;
  readonly ends: {
    readonly state: StateName;
    readonly verdict: Partial<Pick<Verdict, "kind" | "level" | "ongoing">>;
    readonly why: RegExp;
    /** First and last minute in which people may be called, once unless `calls` says more; null: nobody is. */
    readonly called: readonly [number, number] | null;
    readonly calls?: number;
    readonly serving?: "earlier";
    readonly card: RegExp;
    /** Said in the thread, in this order. */
    readonly thread: readonly RegExp[];
  };
};

const CASES: Readonly<Record<string, Case>> = {
  "healthy: the same errors as before, and the site answers": {
    watch: { policy: "rollback", minutes: 10 },
    minute: (stage) => stage.raise({ ...KNOWN, times: 1 }),
    ends: {
      state: "succeeded",
      verdict: { kind: "healthy", level: "none" },
      why: /^1 error a minute, before 1; the site answers in \d+ ms, before \d+ ms$/u,
      called: null,
      card: /^Healthy: /u,
      thread: [/^The watch has ended: healthy\./u],
    },
  },
  "a new crash is proposed within two looks of its first event, and stays with a person": {
    watch: { policy: "offer", minutes: 10, only: "sentry" },
    files: [["README.md"], ["watch/shop.ts"]],
    minute(stage, minute) {
      stage.raise({ ...KNOWN, times: 1 });
      if (minute >= 3) stage.raise({ ...CRASH, times: 3 });
    },
    ends: {
      state: "regressed",
      verdict: { kind: "regressed", level: "act", ongoing: true },
      why: /new unhandled error: KeyError: the basket is gone in .*, 2\d times, 3 people hit, in a file that this deployment changes/u,
      called: [3, 4],
      card: /^Regression: .*It stays live: nobody rolled it back\./u,
      thread: [
        /still happening\. Greenlight waits for you\. Rolling back is safe\. .* The worst error is in a file that this deployment changes\. Likely from: “feat: pay by invoice”, Bob\./u,
        /^The watch has ended: a regression\./u,
      ],
    },
  },
  "a new crash with a policy to roll back counts down and brings the earlier version back, and the errors stop": {
    watch: { policy: "rollback", minutes: 10, only: "sentry" },
    minute(stage, minute) {
      stage.raise({ ...KNOWN, times: 1 });
      if (minute >= 3 && stage.live() !== EARLIER) stage.raise({ ...CRASH, times: 4 });
    },
    ends: {
      state: "regressed",
      verdict: { kind: "regressed", level: "act", ongoing: true },
      why: /new unhandled error: KeyError/iu,
      called: [3, 4],
      serving: "earlier",
      card: /^Rolled back: .*The errors have stopped.* Code only, the database was not touched\./u,
      thread: [
        /^Regression in .*still happening\./u,
        /^Greenlight is rolling back to aaaaaaa: /u,
        /^Rolled back by Greenlight: aaaaaaa is live again/u,
        /^The errors (have stopped|stopped at .+)\.$/u,
      ],
    },
  },
  "a crash that only browsers report is offered, never acted upon: anybody could have sent it": {
    watch: { policy: "rollback", minutes: 10, only: "sentry" },
    minute(stage, minute) {
      stage.raise({ ...KNOWN, times: 1 });
      if (minute >= 3) stage.raise({ ...CRASH, times: 4, browser: true });
    },
    ends: {
      state: "regressed",
      verdict: { kind: "regressed", level: "propose" },
      why: /not enough to act upon: /u,
      called: [3, 4],
      card: /^Regression: /u,
      thread: [/^Regression in /u, /^The watch has ended: a regression\./u],
    },
  },
  "a crash of one person waits for a person; with the second one it counts down, and says so": {
    watch: { policy: "rollback", minutes: 10, only: "sentry" },
    minute(stage, minute) {
      stage.raise({ ...KNOWN, times: 1 });
      if (minute >= 3 && stage.live() !== EARLIER) stage.raise({ ...CRASH, times: minute < 5 ? 1 : 4 });
    },
    ends: {
      state: "regressed",
      verdict: { kind: "regressed", level: "act", ongoing: true },
      why: /new unhandled error: KeyError/iu,
      called: [3, 6],
      calls: 2,
      serving: "earlier",
      card: /^Rolled back: /u,
      thread: [
        /^Regression in .*Greenlight is not sure enough to roll back by itself: it waits for you\./u,
        /^Regression in .*Greenlight rolls back at .*, unless the errors end or somebody stops it\./u,
        /^Rolled back by Greenlight/u,
      ],
    },
  },
  "a slow leak is proposed before the watch ends": {
    watch: { policy: "offer", minutes: 20, only: "sentry" },
    minute: (stage, minute) => stage.raise({ ...KNOWN, times: 1 + Math.floor(minute / 3) }),
    ends: {
      state: "regressed",
      verdict: { kind: "regressed", ongoing: true },
      why: /errors a minute, before 1$/u,
      called: [6, 16],
      card: /^Regression: .*Still happening/u,
      thread: [/^Regression in /u],
    },
  },
  "noisy but innocent: bursts as before, and one person's loop, call nobody": {
    watch: { policy: "rollback", minutes: QUARTER, only: "sentry" },
    before: (minute) => BURSTS.at(minute % QUARTER) ?? 0,
    minute(stage, minute) {
      stage.raise({ ...KNOWN, times: BURSTS.at((minute * 4) % QUARTER) ?? 0 });
      if (minute === 12) stage.raise({ ...KNOWN, user: "robot", times: 9 });
    },
    ends: {
      state: "succeeded",
      verdict: { kind: "healthy", level: "none" },
      why: /before 1\.1$/u,
      called: null,
      card: /^Healthy: /u,
      thread: [/^The watch has ended: healthy\./u],
    },
  },
  "a page four times as slow is proposed, though it answers": {
    watch: { policy: "rollback", minutes: 8, only: "http" },
    begin: (stage) => (stage.site.takesMs = 80),
    live: (stage) => (stage.site.takesMs = 320),
    minute: () => undefined,
    ends: {
      state: "regressed",
      verdict: { kind: "regressed", level: "propose", ongoing: true },
      why: /^The site answers in \d{3} ms, before \d+ ms$/u,
      called: [5, 8],
      card: /^Regression: .*It stays live: nobody rolled it back\./u,
      thread: [/^Regression in /u, /^The watch has ended: a regression\./u],
    },
  },
  "a crash ten hours later still reaches the thread, once, with the button": {
    watch: { policy: "rollback", minutes: 5, only: "sentry" },
    files: [["README.md"], ["watch/shop.ts"]],
    minute: (stage) => stage.raise({ ...KNOWN, times: 1 }),
    async later(stage) {
      await stage.pass(10 * 3_600_000);
      await stage.tens(3, (ten) => stage.raise({ ...CRASH, times: ten === 1 ? 0 : 2 }));
    },
    ends: {
      state: "succeeded",
      verdict: { kind: "healthy" },
      why: /^1 error a minute/u,
      called: [620, 630],
      card: /^Healthy: /u,
      thread: [
        /^The watch has ended: healthy\./u,
        /^Late regression in .*Rolling back is safe\. KeyError: the basket is gone .*, in a file that this deployment changes, first seen /u,
      ],
    },
  },
  "requests of which more crash than before, hours later, reach the thread once": {
    watch: { policy: "rollback", minutes: 5, only: "sentry" },
    begin(stage) {
      for (let ago = -170; ago < 0; ago += 1) stage.serve({ well: 998, crashed: 2 }, ago);
    },
    minute: (stage) => stage.raise({ ...KNOWN, times: 1 }),
    later: (stage) => stage.hours(9, () => stage.serve({ well: 990, crashed: 10 }, 0)),
    ends: {
      state: "succeeded",
      verdict: { kind: "healthy" },
      why: /^1 error a minute/u,
      called: [360, 545],
      card: /^Healthy: /u,
      thread: [/^Late regression in .*: 99\.0 % of 6,000 sessions without a crash, before 99\.8 %\. .*Rolling back is safe\./u],
    },
  },
  "502 after the restart, on looks in a row, acts without any statistics": {
    watch: { policy: "rollback", minutes: 10, only: "http" },
    live: (stage) => (stage.site.status = 502),
    minute(stage, minute) {
      if (minute === 6) stage.site.status = 200;
    },
    ends: {
      state: "regressed",
      verdict: { kind: "regressed", level: "act", ongoing: true },
      why: /^The site is down at \d looks in a row \(HTTP 502\), before it answered$/u,
      called: [3, 3],
      serving: "earlier",
      card: /^Rolled back: /u,
      thread: [/^Regression in /u, /is rolling back to aaaaaaa: The site is down/u, /^Rolled back by Greenlight/u],
    },
  },
  "502 before the deployment and after it is not its fault": {
    watch: { policy: "rollback", minutes: 5, only: "http" },
    begin: (stage) => (stage.site.status = 502),
    minute: () => undefined,
    ends: {
      state: "succeeded_unverified",
      verdict: { kind: "inconclusive", level: "none" },
      why: /^The site was down before the deployment already and still is$/u,
      called: null,
      card: /^Live, not verified: /u,
      thread: [/^The watch has ended: not verified\./u],
    },
  },
  "Sentry down through the whole watch is never called healthy": {
    watch: { policy: "rollback", minutes: 10 },
    live: (stage) => stage.sentry.fail({ status: 503, forMs: 3_600_000 }),
    minute: (stage) => stage.raise({ ...CRASH, times: 9 }),
    ends: {
      state: "succeeded_unverified",
      verdict: { kind: "inconclusive", level: "none" },
      why: /^Sentry gave no answer during the watch \(Sentry failed \(HTTP 503\)\), so nobody knows$/u,
      called: null,
      card: /^Live, not verified: .*nobody verified it\./u,
      thread: [/^The watch has ended: not verified\./u],
    },
  },
  "a Sentry that hears nothing is blind, and says so": {
    watch: { policy: "rollback", minutes: 10, only: "sentry" },
    live: (stage) => stage.sentry.silence(true),
    minute: (stage) => stage.raise({ ...CRASH, times: 9 }),
    ends: {
      state: "succeeded_unverified",
      verdict: { kind: "blind", level: "none" },
      why: /^Sentry has not received a single error event of this version, so nobody knows$/u,
      called: null,
      card: /^Live, not verified: /u,
      thread: [/^The watch has ended: not verified\./u],
    },
  },
  "a storm that began before the deployment is not its fault": {
    watch: { policy: "rollback", minutes: 15, only: "sentry" },
    before: (minute) => (minute < -15 ? 1 : 12),
    minute: (stage) => stage.raise({ ...KNOWN, times: 12 }),
    ends: {
      state: "succeeded",
      verdict: { kind: "healthy", level: "none" },
      why: /^12 errors a minute, .*but they rose before the deployment$/u,
      called: null,
      card: /^Healthy: /u,
      thread: [/^The watch has ended: healthy\./u],
    },
  },
  "a rollback that does not help says so: the same errors go on in the earlier version": {
    watch: { policy: "rollback", minutes: 10, only: "sentry" },
    minute(stage, minute) {
      stage.raise({ ...KNOWN, times: 1 });
      if (minute >= 2) stage.raise({ ...CRASH, name: "DatabaseDown", times: 6 });
    },
    ends: {
      state: "regressed",
      verdict: { kind: "regressed", level: "act", ongoing: true },
      why: /new unhandled error: DatabaseDown/iu,
      called: [2, 3],
      serving: "earlier",
      card: /^Rolled back: .*The errors have not stopped, so it was probably not this deployment\./u,
      thread: [/^Regression in /u, /^Rolled back by Greenlight/u, /^The errors have not stopped/u],
    },
  },
  "a rollback that does not help says so: a known error is as frequent in the earlier version": {
    watch: { policy: "rollback", minutes: 10, only: "sentry" },
    minute: (stage, minute) => stage.raise({ ...KNOWN, times: minute >= 2 ? 9 : 1 }),
    ends: {
      state: "regressed",
      verdict: { kind: "regressed", level: "act", ongoing: true },
      why: /errors a minute, before 1/u,
      called: [2, 6],
      serving: "earlier",
      card: /^Rolled back: .*The errors have not stopped, so it was probably not this deployment\./u,
      thread: [/^Regression in /u, /^Rolled back by Greenlight/u, /^The errors have not stopped/u],
    },
  },
};

let desk: Desk;
let replica: Replica;
beforeAll(async () => {
  desk = await openDesk();
  replica = await desk.open("one");
});
afterAll(() => desk[Symbol.asyncDispose]());

test.concurrent.for(Object.entries(CASES))("%s", { timeout: 240_000 }, async ([sentence, one]) => {
  const { watch, files, before = () => 1, begin, live, minute, later, ends } = one;
  const name = `app-${Object.keys(CASES).indexOf(sentence)}`;
  await using stage = await openStage(replica, { ...watch, name });
  begin?.(stage);
  for (let ago = -60; ago < 0; ago += 1) stage.raise({ ...KNOWN, times: before(ago) }, ago);
  await stage.goesLive(withFiles(changesWith([]), files));
  expect((await stage.deployment()).state.state).toBe("watching");
  live?.(stage);
  // Long enough for what a rollback in the last minute says of itself.
  await stage.minutes(watch.minutes + (ends.serving === "earlier" ? 6 : 0), (now) => minute(stage, now));
  await later?.(stage);

  const deployment = await stage.deployment();
  const thread = await stage.thread();
  const said = thread.map(({ text }) => text);
  const back = await stage.rollback();
  const earlier = ends.serving === "earlier";
  expect(deployment.state).toMatchObject({ state: ends.state, verdict: { ...ends.verdict, why: expect.stringMatching(ends.why) } });
  const calls = thread.filter(({ ping }) => ping === "regression");
  expect(calls).toMatchObject(Array.from({ length: ends.called === null ? 0 : (ends.calls ?? 1) }, () => ({ button: true })));
  expect(calls.filter(({ minute: at }) => at < (ends.called?.[0] ?? 0) || at > (ends.called?.[1] ?? 0))).toEqual([]);
  expect(await stage.believed()).toEqual(earlier ? [EARLIER, EARLIER] : [LATER, LATER]);
  expect(back === null ? null : { automatic: back.automatic, state: back.state.state }).toEqual(
    earlier ? { automatic: true, state: "succeeded_unverified" } : null,
  );
  expect(await stage.card()).toMatch(ends.card);
  expect(said.filter((text) => ends.thread.some((words) => words.test(text)))).toEqual(
    ends.thread.map((words) => expect.stringMatching(words)),
  );
  expect(stage.faults).toEqual([]);
});
