import { setTimeout as pause } from "node:timers/promises";

/** An expectation of the story that did not hold; its message names it and says what was seen instead. */
export class Broken extends Error {}

/** @throws Broken when it does not hold */
export function expect(what: string, holds: boolean, seen: () => string = () => ""): void {
  if (!holds) throw new Broken(sentence(what, seen()));
}

/** Far more than any of it takes on a quiet machine. */
const DEADLINE_MS = 90_000;
const LOOK_MS = 50;

type Waiting = {
  /** Said when it did not come. */
  readonly seen?: () => string | Promise<string>;
  /** It can no longer come: why. */
  readonly hopeless?: () => string | null;
  readonly deadlineMs?: number;
  /** Milliseconds between two looks; 50 by default. */
  readonly everyMs?: number;
};

/** Waits until something is there. @throws Broken after the deadline, or as soon as it is hopeless */
export async function until<T>(what: string, look: () => T | Promise<T>, waiting: Waiting = {}): Promise<NonNullable<T>> {
  const end = Date.now() + (waiting.deadlineMs ?? DEADLINE_MS);
  for (;;) {
    const found = await look();
    if (found !== null && found !== undefined && found !== false) return found;
    const hopeless = waiting.hopeless?.() ?? null;
    if (hopeless !== null) throw new Broken(sentence(what, hopeless));
    if (Date.now() > end) throw new Broken(sentence(what, (await waiting.seen?.()) ?? "it did not come in time"));
    await pause(waiting.everyMs ?? LOOK_MS);
  }
}

function sentence(what: string, seen: string): string {
  return seen === "" ? what : `${what} (${seen})`;
}
