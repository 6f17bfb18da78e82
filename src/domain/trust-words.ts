import type { Advice, Policy, Trust, Words } from "./trust.ts";

/** What can be known of one environment's watches, a sentence or two a line, with every count that a percentage is made of. */
export function trustLines(trust: Trust, advice: Advice, policy: Policy | null): readonly string[] {
  if (trust.watches === 0) return ["No watch has ended here yet."];
  const { alarms, acts, missed } = trust;
  return [
    `${alarmWords(alarms)}; ${missedWords(missed)}.`,
    ...rateLines(trust),
    acts.total === 0
      ? "on_regression: rollback would not have acted once."
      : `on_regression: rollback would have acted ${times(acts.total)}${saidOf(acts)}. ${trust.rolledBack === 0 ? "Greenlight never rolled back by itself." : `Greenlight rolled back by itself ${times(trust.rolledBack)}.`}`,
    adviceWords(advice, policy),
  ];
}

/** "42 watches", and how many of them were blind. */
export function watchWords({ watches, blind }: Pick<Trust, "watches" | "blind">): string {
  return `${counted(watches, "watch", "watches")}${blind === 0 ? "" : `, ${blind} of them without any measurement`}`;
}

/** "7 alarms: 5 real, 1 false, 1 nobody said (#12)" */
function alarmWords(alarms: Words): string {
  return alarms.total === 0 ? "No alarm" : `${counted(alarms.total, "alarm", "alarms")}${saidOf(alarms)}`;
}

function saidOf({ total, real, wrong, unsaid }: Words): string {
  if (total > 0 && real === total) return total === 1 ? ": real" : total === 2 ? ", both real" : ", all real";
  const parts = [
    real > 0 ? `${real} real` : null,
    wrong > 0 ? `${wrong} false` : null,
    unsaid.length > 0 ? `${unsaid.length} nobody said (${named(unsaid)})` : null,
  ].filter((part) => part !== null);
  return `: ${parts.join(", ")}`;
}

function missedWords(missed: readonly number[]): string {
  if (missed.length === 0) return "no regression is known to have been missed";
  return `${missed.length === 1 ? "1 regression was" : `${missed.length} regressions were`} missed (${named(missed)}: rolled back by a person within a day, though nothing had been seen)`;
}

function rateLines({ alarms, missed, precision, recall }: Trust): readonly string[] {
  const judged = alarms.real + alarms.wrong;
  const known = alarms.real + missed.length;
  const right =
    precision === null ? null : `Of ${counted(judged, "alarm", "alarms")} that people judged ${percent(alarms.real, judged, "real")}`;
  const seen = recall === null ? null : `of ${counted(known, "regression", "regressions")} known ${percent(alarms.real, known, "seen")}`;
  const both = [right, seen].filter((part) => part !== null).join("; ");
  return both === "" ? [] : [`${both.charAt(0).toUpperCase()}${both.slice(1)}.`];
}

/** A percentage of a handful is noise: the counts stand first. */
function percent(part: number, whole: number, what: string): string {
  return `${part} ${part === 1 ? "was" : "were"} ${what} (${Math.round((100 * part) / whole)} %)`;
}

function adviceWords(advice: Advice, policy: Policy | null): string {
  switch (advice.kind) {
    case "wait":
      return `Not enough for advice yet: ${advice.have} of ${advice.need} watches that could see.`;
    case "judge":
      return `Say first whether ${named(advice.numbers)} ${advice.numbers.length === 1 ? "was" : "were"} real: it decides whether a rollback by itself can be advised.`;
    case "hold_back": {
      const { wrong, total } = advice.acts;
      const fact = `${wrong} of ${counted(total, "act", "acts")} would have been wrong`;
      return policy === "rollback"
        ? `Advice: on_regression: offer. ${fact}, so let people decide.`
        : `Advice: stay with on_regression: ${policy ?? "offer"}. ${fact}.`;
    }
    case "untried":
      return `${advice.watches} watches without a false act; on_regression: rollback had nothing to act on, so nobody knows how it would.`;
    case "act": {
      const fact = `${advice.watches} watches without a false act: on_regression: rollback ${policy === "rollback" ? "acted" : "would have acted"} ${times(advice.acts.total)}${saidOf(advice.acts)}`;
      return policy === "rollback" ? `${fact}. It can stay.` : `Advice: on_regression: rollback. ${fact}.`;
    }
    default:
      return advice satisfies never;
  }
}

/** Of many only the newest: they are the ones that somebody still remembers. */
function named(numbers: readonly number[]): string {
  const shown = numbers.slice(-3).map((number) => `#${number}`);
  return numbers.length > shown.length ? `${shown.join(", ")} and ${numbers.length - shown.length} earlier` : shown.join(", ");
}

function times(count: number): string {
  return count === 1 ? "once" : count === 2 ? "twice" : `${count} times`;
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
