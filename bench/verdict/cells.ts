/** What the errors are like; `crash` is a service without errors that gets a new one on a share of its requests. */
export const KINDS = ["poisson", "ratio 2", "ratio 5", "one user's bursts", "daily rhythm", "ramp", "gaps", "crash"] as const;
export type Kind = (typeof KINDS)[number];

/** One row of the table. */
export type Cell = {
  readonly kind: Kind;
  readonly baselineMinutes: number;
  /** Errors a minute before; for a crash the requests a minute. */
  readonly rate: number;
  /** Times the rate after; for a crash the share of requests that meet it. 1 is no change. */
  readonly change: number;
};

const BASELINES = [60, 24 * 60];
const RATES = [0.05, 0.3, 2, 20];
const CHANGES = [1, 1.5, 3, 10];
const CRASHES = [0.001, 0.005, 0.01, 0.05];
/** Requests a minute, where requests are counted: a small shop's. */
export const REQUESTS = 1200;

/** Every cell; those of no change first among their like. */
export function allCells(): readonly Cell[] {
  const steady = KINDS.filter((kind) => kind !== "crash").flatMap((kind) =>
    BASELINES.flatMap((baselineMinutes) =>
      RATES.flatMap((rate) => CHANGES.map((change): Cell => ({ kind, baselineMinutes, rate, change }))),
    ),
  );
  return [...steady, ...CRASHES.map((change): Cell => ({ kind: "crash", baselineMinutes: 60, rate: REQUESTS, change }))];
}

export function isUnchanged(cell: Cell): boolean {
  return cell.change === 1 && cell.kind !== "crash";
}

/** How `--cells` and the table name it. */
export function nameOf({ kind, baselineMinutes, rate, change }: Cell): string {
  const after = kind === "crash" ? `${change * 100} %` : change === 1 ? "none" : `x${change}`;
  return `${kind}, ${baselineMinutes === 60 ? "60 min" : "24 h"}, ${rate}/min, ${after}`;
}
