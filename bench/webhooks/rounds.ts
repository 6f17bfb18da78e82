import { setTimeout as pause } from "node:timers/promises";
import { SECRET, startBare, startGreenlight, type AppUnderTest, type Greenlight } from "./apps.ts";
import { runBurst, type Burst } from "./burst.ts";
import { startDriver, type Asked, type Driven } from "./driving.ts";
import { openFarSide } from "./far-side.ts";
import type { Options } from "./options.ts";

/** Deliveries a second of both in one round. */
export type Round = { readonly bare: number; readonly greenlight: number };
export type Found = {
  readonly rounds: readonly Round[];
  readonly lost: number;
  /** Answers at a steady pace, in ms. */
  readonly paced: { readonly bare: Driven; readonly greenlight: Driven };
  readonly burst: Burst | null;
};

export const PACE_PER_SECOND = 200;
const PACE_SECONDS = 5;

/** Both run all the time, each in its own process, and take turns; the first round warms up and is not counted. */
export async function run(options: Options): Promise<Found> {
  const driver = startDriver();
  try {
    await using far = await openFarSide();
    await using greenlight = await startGreenlight(far);
    await using bare = await startBare(greenlight);
    const { connections, seconds } = options;
    let lost = 0;
    async function turn(app: AppUnderTest, how: Turn): Promise<Driven> {
      const driven = await driver.drive({ url: app.url, secret: SECRET, connections, ...how });
      lost += driven.lost;
      // What is left to read is the bot's business, but must not slow down who comes next.
      if (app.name === "greenlight") await allRead(greenlight);
      return driven;
    }
    const rounds: Round[] = [];
    for (let round = 0; round <= options.rounds; round += 1) {
      const steady = { kind: "steady", seconds, salt: `round ${round}` } as const;
      const first = round % 2 === 0 ? await turn(bare, steady) : null;
      const ours = await turn(greenlight, steady);
      const theirs = first ?? (await turn(bare, steady));
      if (round > 0) rounds.push({ bare: rateOf(theirs), greenlight: rateOf(ours) });
    }
    const pace = { kind: "paced", seconds: PACE_SECONDS, perSecond: PACE_PER_SECOND, salt: "paced" } as const;
    const paced = { bare: await turn(bare, pace), greenlight: await turn(greenlight, pace) };
    const burst = options.burst === 0 ? null : await runBurst({ far, greenlight, driver, options });
    return { rounds, lost, paced, burst };
  } finally {
    driver.close();
  }
}

type WithoutPlace<One> = One extends Asked ? Omit<One, "url" | "secret" | "connections"> : never;
type Turn = WithoutPlace<Asked>;

function rateOf({ ms, seconds }: Driven): number {
  return ms.length / seconds;
}

/** Until no delivery is unread. */
export async function allRead({ pool }: Greenlight): Promise<void> {
  for (;;) {
    const { rowCount } = await pool.query("select 1 from deliveries where result is null limit 1");
    if (rowCount === 0) return;
    await pause(100);
  }
}
