import { startBare, startGreenlight, type AppUnderTest } from "./apps.ts";
import { CROWD } from "./crowd.ts";
import { startDriver, type Driven } from "./driving.ts";
import { openFarSide } from "./far-side.ts";
import type { Mode, Options } from "./options.ts";
import { quantile } from "../statistics.ts";

/** What one app did in one mode, over all counted rounds. */
export type Cell = { readonly name: AppUnderTest["name"]; readonly ms: readonly number[]; readonly lost: number };
export type Series = {
  readonly mode: Mode;
  readonly cells: readonly Cell[];
  /** p99 of Greenlight over p99 of the bare app, of each round. */
  readonly ratios: readonly number[];
};

/** Both apps run all the time, each in its own process, and take turns; the first round warms up and is not counted. */
export async function runMode(mode: Mode, options: Options): Promise<Series> {
  const driver = await startDriver();
  try {
    await using far = await openFarSide(driver.port);
    await using greenlight = await startGreenlight(mode, far);
    await using bare = await startBare(mode, far, greenlight.press.payload);
    const rounds: { readonly bare: Driven; readonly greenlight: Driven }[] = [];
    for (let round = 0; round <= options.rounds; round += 1) {
      const turn = async (app: AppUnderTest): Promise<Driven> => driver.drive({ press: app.press, ...options });
      // Whoever comes first changes with each round.
      const first = round % 2 === 0 ? await turn(bare) : null;
      const ours = await turn(greenlight);
      const found = { bare: first ?? (await turn(bare)), greenlight: ours };
      if (round > 0) rounds.push(found);
    }
    // An app that acknowledges and does nothing would be fast.
    if (CROWD.every((id) => far.slack.ephemerals(id).length === 0)) throw new Error("no press was answered to its presser");
    const cell = (name: Cell["name"]): Cell => ({
      name,
      ms: rounds.flatMap((round) => round[name].ms),
      lost: rounds.reduce((sum, round) => sum + round[name].lost, 0),
    });
    return {
      mode,
      cells: [cell("bare"), cell("greenlight")],
      ratios: rounds.map((round) => quantile(round.greenlight.ms, 0.99) / quantile(round.bare.ms, 0.99)),
    };
  } finally {
    driver.close();
  }
}
