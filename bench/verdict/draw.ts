import { logGamma } from "../../src/domain/verdict/beta.ts";

/** A number from 0 to below 1. */
export type Random = () => number;

/** mulberry32: small, seeded, good enough to draw counts from. */
export function randomFrom(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Counts of this mean whose variance is `ratio` times it: Poisson for 1, else negative binomial (a Poisson of a gamma). */
export function draw(mean: number, ratio: number, random: Random): number {
  return poisson(ratio === 1 ? mean : (ratio - 1) * gamma(mean / (ratio - 1), random), random);
}

/** From this mean on the rejection of Hörmann (PTRS, 1993) is quicker than multiplying waiting times (Knuth). */
const LARGE_MEAN = 10;

export function poisson(mean: number, random: Random): number {
  if (mean >= LARGE_MEAN) return poissonByRejection(mean, random);
  const limit = Math.exp(-mean);
  let events = 0;
  // Whatever the mean: of one so small that the limit is 1 there are none.
  for (let product = random(); product > limit; product *= random()) events += 1;
  return events;
}

function poissonByRejection(mean: number, random: Random): number {
  const b = 0.931 + 2.53 * Math.sqrt(mean);
  const a = -0.059 + 0.02483 * b;
  const scale = 1.1239 + 1.1328 / (b - 3.4);
  const accept = 0.9277 - 3.6224 / (b - 2);
  for (;;) {
    const u = random() - 0.5;
    const v = random();
    const edge = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / edge + b) * u + mean + 0.43);
    if (edge >= 0.07 && v <= accept) return k;
    if (k < 0 || (edge < 0.013 && v > edge)) continue;
    if (Math.log((v * scale) / (a / edge ** 2 + b)) <= k * Math.log(mean) - mean - logGamma(k + 1)) return k;
  }
}

/** Marsaglia and Tsang's method; shapes below 1 by their boost. */
function gamma(shape: number, random: Random): number {
  if (shape < 1) return gamma(shape + 1, random) * (1 - random()) ** (1 / shape);
  const d = shape - 1 / 3;
  for (;;) {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const v = (1 + normal / Math.sqrt(9 * d)) ** 3;
    if (v > 0 && Math.log(1 - random()) < 0.5 * normal * normal + d - d * v + d * Math.log(v)) return d * v;
  }
}
