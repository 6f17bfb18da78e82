import { betaShare, logGamma } from "./beta.ts";

/** Errors counted over some exposure: requests where they are known, else minutes. */
export type Bin = { readonly exposure: number; readonly count: number };

/**
 * What the time before teaches of a service whose errors come in clumps: for each variance-to-mean ratio how believable it is, and
 * under it the rates that fit. Pure data; made once per baseline.
 */
export type ClumpModel = { readonly grades: readonly Grade[] };

type Grade = {
  readonly dispersion: number;
  /** Natural logarithm of prior times likelihood of the baseline. */
  readonly logWeight: number;
  readonly rates: readonly { readonly rate: number; readonly weight: number }[];
};

/**
 * Variance-to-mean ratios that are believed possible, and how far before anything was counted. 1.05 stands for Poisson, which is
 * the limit at 1. The weights lean to bursts: a few errors cannot show how they clump, and a false alarm costs more than a late one.
 */
const PRIOR = [
  { dispersion: 1.05, weight: 0.15 },
  { dispersion: 1.5, weight: 0.15 },
  { dispersion: 2.2, weight: 0.15 },
  { dispersion: 3.3, weight: 0.15 },
  { dispersion: 5, weight: 0.2 },
  { dispersion: 7.5, weight: 0.2 },
] as const;

/** Points per integral over the rate, from this many standard deviations below the middle to as many above. */
const NODES = 9;
const SPREAD = 3;
/** Standard deviation of the logarithm of a rate of which nothing is known; wider ones add nothing but empty nodes. */
const WIDEST = 1.3;
/** A ratio that has become this unlikely no longer matters. */
const NEGLIGIBLE = 1e-7;
/** Up to here a product of fractions is quicker than two logarithms of the gamma function. */
const SMALL_COUNT = 12;

type Tally = {
  readonly cells: readonly (Bin & { readonly times: number })[];
  readonly events: number;
  readonly exposure: number;
};

/** Learns from the bins before; they may be of different exposure. Needs some exposure. */
export function learn(before: readonly Bin[]): ClumpModel {
  const tally = tallied(before);
  return {
    grades: PRIOR.map(({ dispersion, weight }) => {
      const { rates, logEvidence } = integrated(tally, dispersion);
      return { dispersion, logWeight: Math.log(weight) + logEvidence, rates };
    }),
  };
}

/**
 * Probability of as many errors after as there were, or more, if the rate had not changed: negative binomial, averaged over all
 * rates and ratios that fit. How evenly the errors after are spread also tells how they clump, whatever their rate.
 */
export function chanceOf(model: ClumpModel, after: readonly Bin[]): number {
  const tally = tallied(after);
  if (tally.events <= 0) return 1;
  if (tally.exposure <= 0) return 0;
  const logs = model.grades.map((grade) => grade.logWeight + (after.length > 1 ? integrated(tally, grade.dispersion).logEvidence : 0));
  const weights = normalised(logs);
  return model.grades.reduce((total, grade, index) => {
    const weight = weights[index] ?? 0;
    return weight < NEGLIGIBLE ? total : total + weight * tailOf(grade, tally);
  }, 0);
}

/** Sums of negative binomial counts of one ratio are negative binomial with the shapes' sum: P(X >= k) = I_theta(k, shape). */
function tailOf(grade: Grade, { events, exposure }: Tally): number {
  const theta = (grade.dispersion - 1) / grade.dispersion;
  return grade.rates.reduce(
    (total, { rate, weight }) => total + weight * betaShare(theta, events, (rate * exposure) / (grade.dispersion - 1)),
    0,
  );
}

/** Over all rates, with Jeffreys' prior: one over the square root of the rate. */
function integrated(tally: Tally, dispersion: number) {
  const middle = Math.log((tally.events + 0.5) / tally.exposure);
  const spread = SPREAD * Math.min(WIDEST, Math.sqrt(dispersion / (tally.events + 0.5)));
  const step = (2 * spread) / (NODES - 1);
  const rates = Array.from({ length: NODES }, (_, node) => Math.exp(middle - spread + node * step));
  const logs = rates.map((rate) => logLikelihood(tally, dispersion, rate) + 0.5 * Math.log(rate));
  const top = Math.max(...logs);
  const mass = logs.reduce((total, log) => total + Math.exp(log - top), 0);
  const weights = normalised(logs);
  return {
    rates: rates.map((rate, node) => ({ rate, weight: weights[node] ?? 0 })),
    logEvidence: top + Math.log(mass * step),
  };
}

function logLikelihood(tally: Tally, dispersion: number, rate: number): number {
  const shapePerExposure = rate / (dispersion - 1);
  const common = tally.events * Math.log((dispersion - 1) / dispersion) - tally.exposure * shapePerExposure * Math.log(dispersion);
  return tally.cells.reduce((total, cell) => total + cell.times * logWays(cell.count, cell.exposure * shapePerExposure), common);
}

/** log(gamma(count + shape) / (gamma(shape) count!)). */
function logWays(count: number, shape: number): number {
  if (count > SMALL_COUNT) return logGamma(count + shape) - logGamma(shape) - logGamma(count + 1);
  let ways = 1;
  for (let one = 0; one < count; one += 1) ways *= (shape + one) / (one + 1);
  return Math.log(ways);
}

/** Equal bins are counted once: a day has 1,440 minutes, but few different ones. */
function tallied(bins: readonly Bin[]): Tally {
  const cells = new Map<string, { exposure: number; count: number; times: number }>();
  let events = 0;
  let exposure = 0;
  for (const bin of bins) {
    events += bin.count;
    exposure += bin.exposure;
    if (bin.count === 0) continue;
    const key = `${bin.exposure}:${bin.count}`;
    const cell = cells.get(key);
    if (cell === undefined) cells.set(key, { ...bin, times: 1 });
    else cell.times += 1;
  }
  return { cells: [...cells.values()], events, exposure };
}

function normalised(logs: readonly number[]): readonly number[] {
  const top = Math.max(...logs);
  const weights = logs.map((log) => Math.exp(log - top));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}
