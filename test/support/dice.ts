/** Numbers from 0 up to `below`. */
export type Roll = (below: number) => number;

/** The same numbers for the same seed (mulberry32). */
export function dice(seed: number): Roll {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** One of them. @throws when there is none. */
export function pick<Item>(items: readonly Item[], roll: Roll): Item {
  const item = items[roll(items.length)];
  if (item === undefined) throw new Error("there is nothing to pick from");
  return item;
}
