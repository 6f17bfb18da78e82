import type { RecordedWatch } from "../../src/domain/verdict/recorded.ts";
import { REQUESTS, type Cell, type Kind } from "./cells.ts";
import { draw, poisson, type Random } from "./draw.ts";

/** Minutes of a watch; a look at the end of each. */
export const LOOKS = 30;
/** One person's client in a loop: in this share of minutes, with so many errors. */
const BURST = { share: 0.02, least: 20, most: 100 } as const;
/** Share of looks that Sentry does not answer. */
const GAP_SHARE = 0.3;
/** Requests swing by this share over a day. */
const SWING = 0.6;
/** In a ramp the requests of the watch reach this many times those before. */
const RAMP = 3;
/** A crash meets other people's requests: each error is another user's, mostly. */
const NEW_USER_SHARE = 0.8;

/** One made-up watch of that cell. */
export function watchOf(cell: Cell, random: Random): RecordedWatch {
  const start = random() * 24 * 60;
  const baseline = Array.from({ length: cell.baselineMinutes }, (_, index) => {
    const minute = index + 1 - cell.baselineMinutes;
    return pointOf(cell, minute, start, random);
  });
  let crashes = 0;
  let hit = 0;
  const after = Array.from({ length: LOOKS }, (_, index) => {
    const point = pointOf(cell, index + 1, start, random);
    if (cell.kind !== "crash") return { ...point, newIssues: [] };
    const now = poisson(REQUESTS * cell.change, random);
    for (let one = 0; one < now; one += 1) if (hit === 0 || random() < NEW_USER_SHARE) hit += 1;
    crashes += now;
    const newIssues = crashes === 0 ? [] : [{ id: "new", events: crashes, users: hit, unhandled: true }];
    return { ...point, events: point.events + now, newIssues };
  });
  const kept = cell.kind === "gaps" ? after.filter(() => random() >= GAP_SHARE) : after;
  return { intervalS: 60, watchS: 60 * LOOKS, baseline, after: kept };
}

function pointOf(cell: Cell, minute: number, start: number, random: Random) {
  const factor = minute > 0 && cell.kind !== "crash" ? cell.change : 1;
  const requests = requestsAt(cell.kind, minute, start);
  const rate = cell.kind === "crash" ? 0 : cell.rate;
  const usual = draw(rate * factor * (requests === null ? 1 : requests / REQUESTS), ratioOf(cell.kind), random);
  const t = 60 * minute;
  if (cell.kind !== "one user's bursts") return { t, exposure: requests, events: usual, users: null };
  const burst = random() < BURST.share ? BURST.least + Math.floor(random() * (BURST.most - BURST.least)) : 0;
  return { t, exposure: null, events: usual + burst, users: usual + (burst > 0 ? 1 : 0) };
}

function ratioOf(kind: Kind): number {
  if (kind === "ratio 2") return 2;
  return kind === "ratio 5" ? 5 : 1;
}

/** Null: not counted. Requests come and go; errors with them. */
function requestsAt(kind: Kind, minute: number, start: number): number | null {
  if (kind === "daily rhythm") return Math.round(REQUESTS * (1 + SWING * Math.sin((2 * Math.PI * (start + minute)) / (24 * 60))));
  if (kind === "ramp") return Math.round(REQUESTS * (minute <= 0 ? 1 : 1 + ((RAMP - 1) * minute) / LOOKS));
  return null;
}
