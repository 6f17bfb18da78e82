/** Lanczos coefficients (g = 7, n = 9; Numerical Recipes 3rd ed. 6.1): relative error below 1e-14 for x > 0.5. */
const LANCZOS = [
  676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406, 12.507343278686905, -0.13857109526572012,
  9.984369578019572e-6, 1.5056327351493116e-7,
] as const;
const LANCZOS_START = 0.9999999999998099;
const LANCZOS_G = 7;

/** The continued fraction has converged long before this for every count a monitor can bring. */
const MAX_TERMS = 10_000;
const CONVERGED = 1e-14;
/** Stands for zero where the fraction would divide by it (modified Lentz method). */
const TINY = 1e-300;

/** Natural logarithm of the gamma function, for x > 0. Below 0.5 the series is not used: gamma(x) = gamma(x + 1) / x. */
export function logGamma(x: number): number {
  return x < 0.5 ? lanczos(x + 1) - Math.log(x) : lanczos(x);
}

function lanczos(x: number): number {
  const shifted = x - 1;
  const sum = LANCZOS.reduce((total, coefficient, index) => total + coefficient / (shifted + index + 1), LANCZOS_START);
  const t = shifted + LANCZOS_G + 0.5;
  return 0.5 * Math.log(2 * Math.PI) + (shifted + 0.5) * Math.log(t) - t + Math.log(sum);
}

/**
 * The regularised incomplete beta function I_x(a, b), for a and b > 0 and x within [0, 1]; by the continued fraction on the side
 * where it converges quickly. Both tails that the judge needs are values of it: of the binomial (a successes or more in a + b - 1
 * trials) and of the negative binomial.
 */
export function betaShare(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  if (x < (a + 1) / (a + b + 2)) return clamp((front * betaFraction(x, a, b)) / a);
  return clamp(1 - (front * betaFraction(1 - x, b, a)) / b);
}

function betaFraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / awayFromZero(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m <= MAX_TERMS; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / awayFromZero(1 + even * d);
    c = awayFromZero(1 + even / c);
    fraction *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / awayFromZero(1 + odd * d);
    c = awayFromZero(1 + odd / c);
    fraction *= d * c;
    if (Math.abs(d * c - 1) < CONVERGED) break;
  }
  return fraction;
}

function awayFromZero(value: number): number {
  return Math.abs(value) < TINY ? TINY : value;
}

function clamp(probability: number): number {
  return Math.min(1, Math.max(0, probability));
}
