/** Numbers that look random and are the same for the same seed (xorshift32). */
export type Dice = { below(limit: number): number };

export function dice(seed: number): Dice {
  let state = (seed * 2_654_435_761) >>> 0 || 1;
  return {
    below(limit) {
      state ^= state << 13;
      state >>>= 0;
      state ^= state >>> 17;
      state ^= state << 5;
      state >>>= 0;
      return limit <= 0 ? 0 : state % limit;
    },
  };
}
