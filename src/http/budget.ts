/** Counts body bytes that are held in memory, over all requests together. */
export type Budget = {
  /** True when the bytes fit; then they are held until `release`. */
  hold(bytes: number, big: boolean): boolean;
  release(bytes: number): void;
  held(): number;
};

/** From this size on a body is big. Real deliveries are 5 to 50 KiB: a flood of big ones must not keep them out. */
export const BIG_BODY_BYTES = 1024 * 1024;

/** The last eighth is kept for small bodies; the rest has room for the largest body twice, as joining a streamed one takes. */
export function createBudget(bytes: number): Budget {
  const forBig = Math.floor((bytes * 7) / 8);
  let held = 0;
  return {
    hold(wanted, big) {
      if (held + wanted > (big ? forBig : bytes)) return false;
      held += wanted;
      return true;
    },
    release(given) {
      held -= given;
    },
    held: () => held,
  };
}
