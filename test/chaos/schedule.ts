import { createHash } from "node:crypto";

/** What strikes. */
export const FAULTS = [
  "kill bot",
  "freeze bot",
  "drop connection",
  "stop session",
  "kill step",
  "kill runner",
  "restart sshd",
  "restart PostgreSQL",
  "fill disk",
] as const;
export type Fault = (typeof FAULTS)[number];

/** The steps of every run, in the order of their phases; `migrate` runs on the first host only. */
export const STEPS = ["pull", "collectstatic", "migrate", "restart"] as const;
export type ChaosStep = (typeof STEPS)[number];
/** May be started again as a new attempt when its outcome was lost. */
export const REPEATABLE: ReadonlySet<ChaosStep> = new Set(["pull", "collectstatic"]);

/**
 * When it strikes, counted by what the step did, never by a clock: `claim` as soon as the host has claimed it, `gate` when it has
 * printed `gateBytes` and waits, `exit` when its exit code is there; the others are the bot's own checkpoints in that step.
 */
export type Moment = "claim" | "gate" | "exit" | "started" | "output" | "exited";

/** All of one run that is chosen; the same seed and index choose the same. */
export type Schedule = {
  readonly seed: number;
  readonly index: number;
  readonly fault: Fault;
  readonly step: ChaosStep;
  readonly hosts: readonly string[];
  readonly struckHost: string;
  readonly moment: Moment;
  /** Bytes that the struck step prints in all, and before it waits to be let on. */
  readonly outputBytes: number;
  readonly gateBytes: number;
  /** `unseen`: the step goes on, and ends, while nobody follows it; `seen`: it waits until somebody follows it again. */
  readonly finishes: "unseen" | "seen";
  /** A frozen bot or a stopped session goes on at the take-over, or when all is over. */
  readonly wakes: "take-over" | "end";
  /** Kills the runner alone, which leaves its step an orphan, or with everything below it; PostgreSQL is stopped in order, or killed. */
  readonly how: "gentle" | "rough";
  readonly sliceMs: number;
};

/** As many runs as there are pairs meet each pair of fault and step once; any ten in a row meet every fault. */
export function scheduleOf(seed: number, index: number): Schedule {
  const order = dice(`${seed}`);
  const faults = shuffled(FAULTS, order);
  const steps = shuffled(STEPS, order);
  const fault = faults[index % faults.length] ?? FAULTS[0];
  const step = steps[((index % faults.length) + Math.floor(index / faults.length)) % steps.length] ?? STEPS[0];
  const roll = dice(`${seed} ${index}`);
  const hosts = roll() < 0.5 ? ["web-1"] : ["web-1", "web-2"];
  const struckHost = step === "migrate" ? "web-1" : pick(hosts, roll);
  const moment = pick(momentsOf(fault), roll);
  // One in eight is over the 1 MiB that is kept of a step.
  const outputBytes = fault !== "fill disk" && roll() < 0.125 ? 1_300_000 + whole(roll, 400_000) : 200 + whole(roll, 60_000);
  const least = moment === "started" || moment === "output" ? 1 : 0;
  const gateBytes = Math.max(least, pick([0, 1, whole(roll, outputBytes), whole(roll, outputBytes), outputBytes], roll));
  return {
    seed,
    index,
    fault,
    step,
    hosts,
    struckHost,
    moment,
    outputBytes,
    gateBytes,
    finishes: pick(["unseen", "seen"] as const, roll),
    wakes: pick(["take-over", "end"] as const, roll),
    how: pick(["gentle", "rough"] as const, roll),
    sliceMs: pick([1000, 25_000], roll),
  };
}

function momentsOf(fault: Fault): readonly Moment[] {
  switch (fault) {
    case "kill bot":
    case "freeze bot":
      return ["claim", "gate", "started", "output", "exited"];
    case "drop connection":
    case "stop session":
    case "restart sshd":
    case "restart PostgreSQL":
      return ["claim", "gate", "gate", "exit"];
    case "kill step":
    case "kill runner":
      return ["claim", "gate", "gate"];
    case "fill disk":
      return ["gate"];
    default:
      return fault satisfies never;
  }
}

/** A generator of numbers from 0 to below 1, the same for the same words (mulberry32). */
function dice(words: string): () => number {
  let state = createHash("sha256").update(words).digest().readUInt32LE(0);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function whole(roll: () => number, below: number): number {
  return Math.floor(roll() * below);
}

function pick<T>(from: readonly T[], roll: () => number): T {
  const [first] = from;
  const picked = from[whole(roll, from.length)] ?? first;
  if (picked === undefined) throw new Error("nothing to pick from");
  return picked;
}

function shuffled<T>(from: readonly T[], roll: () => number): readonly T[] {
  return from
    .map((value) => ({ value, at: roll() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ value }) => value);
}
