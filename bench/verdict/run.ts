import { replayRecorded } from "../../src/domain/verdict/recorded.ts";
import { nameOf, type Cell } from "./cells.ts";
import { randomFrom } from "./draw.ts";
import { PEERS } from "./peers.ts";
import { LOOKS, watchOf } from "./watches.ts";

/** When something was flagged, in how many of all runs. */
export type Flagged = { readonly share: number; readonly median: number | null };

export type Found = {
  readonly cell: Cell;
  readonly runs: number;
  readonly propose: Flagged;
  readonly act: Flagged;
  /** Of a crash: share of runs proposed within two looks of the first event. */
  readonly prompt: number | null;
  readonly peers: readonly Flagged[];
};

/** Others are slower to compute, and need no such precision. */
const MOST_PEER_RUNS = 500;

/** `runs` made-up watches of one cell, from a seed of its own. */
export function runCell(cell: Cell, runs: number, seed: number): Found {
  const random = randomFrom(hash(`${seed} ${nameOf(cell)}`));
  const proposed: (number | null)[] = [];
  const acted: (number | null)[] = [];
  const peers = PEERS.map((): (number | null)[] => []);
  let prompt = 0;
  for (let run = 0; run < runs; run += 1) {
    const watch = watchOf(cell, random);
    const looks = replayRecorded(watch);
    const first = (levels: readonly string[]) => looks.find(({ level }) => levels.includes(level))?.t ?? null;
    const at = first(["propose", "act"]);
    const crashed = watch.after.find((point) => point.newIssues.length > 0)?.t ?? null;
    if (at !== null && crashed !== null && at <= crashed + 60) prompt += 1;
    if (crashed === null && cell.kind === "crash") prompt += 1;
    proposed.push(at);
    acted.push(first(["act"]));
    if (run < MOST_PEER_RUNS) for (const [index, peer] of PEERS.entries()) peers[index]?.push(inSeconds(peer.flags(watch)));
  }
  return {
    cell,
    runs,
    propose: flagged(proposed),
    act: flagged(acted),
    prompt: cell.kind === "crash" ? prompt / runs : null,
    peers: peers.map(flagged),
  };
}

function flagged(at: readonly (number | null)[]): Flagged {
  const minutes = at.flatMap((t) => (t === null ? [] : [t / 60])).toSorted((left, right) => left - right);
  // Of all runs, not of the flagged ones alone: what was never flagged took longer than the watch.
  const middle = minutes[Math.ceil(at.length / 2) - 1];
  return { share: minutes.length / at.length, median: middle !== undefined && middle <= LOOKS ? middle : null };
}

function inSeconds(minute: number | null): number | null {
  return minute === null ? null : 60 * minute;
}

/** FNV-1a: cells do not share their random numbers. */
function hash(text: string): number {
  let state = 0x811c9dc5;
  for (const letter of text) state = Math.imul(state ^ (letter.codePointAt(0) ?? 0), 0x01000193);
  return state;
}
