import { setTimeout as pause } from "node:timers/promises";
import { SECRET, type Greenlight } from "./apps.ts";
import { APPS, jobsOfBurst } from "./deliveries.ts";
import type { Driver } from "./driving.ts";
import { channelOf, type FarSide } from "./far-side.ts";
import type { Options } from "./options.ts";

/** What became of all deliveries of 50 apps at once. */
export type Burst = {
  readonly sent: number;
  readonly lost: number;
  /** Of these deliveries, folded into a run. */
  readonly accepted: number;
  readonly sendSeconds: number;
  /** After the last answer: until all were folded, and until every card said the last of it. */
  readonly readSeconds: number;
  readonly cardSeconds: number;
  readonly cardsRight: number;
  /** Messages that were posted: more than one an app is one too many. */
  readonly posted: number;
  readonly calls: number;
  /** Calls that Slack refused for being too many. */
  readonly refused: number;
};

/** max(60 s, 50 cards at 45 a minute and 10 s). */
export const CARD_SECONDS = Math.max(60, (APPS / 45) * 60 + 10);
/** Longer than that nobody waits. */
const MOST_SECONDS = CARD_SECONDS * 3;

export async function runBurst(of: {
  readonly far: FarSide;
  readonly greenlight: Greenlight;
  readonly driver: Driver;
  readonly options: Options;
}): Promise<Burst> {
  const { far, greenlight, driver, options } = of;
  const total = Math.floor(options.burst / APPS) * APPS;
  const { url, pool } = greenlight;
  const refusedBefore = far.refused();
  const callsBefore = sum(far.calls());
  await pool.query("delete from deliveries");
  const driven = await driver.drive({ kind: "burst", url, secret: SECRET, connections: options.connections, total });
  const last = performance.now();
  let read: number | null = null;
  let right = 0;
  while (performance.now() - last < MOST_SECONDS * 1_000) {
    if (read === null && (await pool.query("select 1 from deliveries where result is null limit 1")).rowCount === 0) {
      read = performance.now() - last;
    }
    right = cardsRight(far, total);
    if (read !== null && right === APPS) break;
    await pause(100);
  }
  const cardSeconds = (performance.now() - last) / 1_000;
  const { rows } = await pool.query<{ count: string }>("select count(*) from deliveries where result = 'accepted'");
  const posted = Array.from({ length: APPS }, (_, app) => far.slack.messages(channelOf(app)).length).reduce((all, one) => all + one, 0);
  return {
    sent: total,
    lost: driven.lost,
    accepted: Number(rows[0]?.count ?? 0),
    sendSeconds: driven.seconds,
    readSeconds: (read ?? Number.NaN) / 1_000,
    cardSeconds,
    cardsRight: right,
    posted,
    calls: sum(far.calls()) - callsBefore,
    refused: far.refused() - refusedBefore,
  };
}

/** How many apps have exactly one card, which says what the last delivery said. */
function cardsRight(far: FarSide, total: number): number {
  const says = `All ${jobsOfBurst(total)} stages passed`;
  return Array.from({ length: APPS }, (_, app) => far.slack.messages(channelOf(app))).filter(
    (messages) => messages.length === 1 && JSON.stringify(messages[0]?.blocks).includes(says),
  ).length;
}

function sum(calls: Readonly<Record<string, number>>): number {
  return Object.values(calls).reduce((all, one) => all + one, 0);
}
