import type { Intent } from "../domain/intent.ts";

/** What `/deploy …` means. Pure: names come in, nothing is asked, a typo does nothing and is told what was near. */

export type Vocabulary = readonly { readonly app: string; readonly environments: readonly string[] }[];

export type Parsed =
  | { readonly kind: "choose"; readonly app: string | null; readonly environment: string | null }
  | { readonly kind: "intent"; readonly intent: Intent }
  | { readonly kind: "roll_back"; readonly app: string; readonly environment: string }
  /** Nothing is done; the sentence says what is unclear, and `suggestion` what could have been meant, without the command. */
  | { readonly kind: "unclear"; readonly sentence: string; readonly suggestion: string | null };

const VERBS = ["status", "rollback", "looks-good", "lock", "unlock", "help"] as const;
type Verb = (typeof VERBS)[number];

/** A lock set from Slack always ends. */
const LOCK_MS = 2 * 3_600_000;
const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000 };
/** Refs are checked for real by the code host; this keeps out what cannot be one (git-check-ref-format). */
const REF = /^[\w][\w./+@-]{0,199}$/u;

export function parseCommand(text: string, vocabulary: Vocabulary): Parsed {
  const words = text
    .trim()
    .split(/\s+/u)
    .filter((word) => word !== "");
  const [first, ...rest] = words;
  if (first === undefined) return { kind: "choose", app: null, environment: null };
  const verb = VERBS.find((known) => known === first.toLowerCase());
  // An app may be named like a verb; then the verb still wins, and the modal reaches the app.
  if (verb !== undefined) return parseVerb(verb, rest, vocabulary);
  return parseDeploy(words, vocabulary);
}

function parseVerb(verb: Verb, rest: readonly string[], vocabulary: Vocabulary): Parsed {
  if (verb === "help") return { kind: "intent", intent: { kind: "help" } };
  if (verb === "status" && rest.length === 0) return { kind: "intent", intent: { kind: "status", app: null } };
  const app = appNamed(rest[0], vocabulary, verb, rest.slice(1));
  if ("kind" in app) return app;
  if (verb === "status") {
    if (rest.length > 1) return unclear(`“status” takes one app, “${rest.slice(1).join(" ")}” is too much.`, `status ${app.app}`);
    return { kind: "intent", intent: { kind: "status", app: app.app } };
  }
  const environment = environmentNamed(rest[1], app, (name) => [verb, app.app, name, ...rest.slice(2)].join(" "));
  if (typeof environment !== "string") return environment;
  const place = { app: app.app, environment };
  if (verb === "lock") return parseLock(place, rest.slice(2));
  if (rest.length > 2) return unclear(`“${rest.slice(2).join(" ")}” is too much.`, `${verb} ${app.app} ${environment}`);
  if (verb === "looks-good") return { kind: "intent", intent: { kind: "validate", ...place } };
  return verb === "unlock" ? { kind: "intent", intent: { kind: "unlock", ...place } } : { kind: "roll_back", ...place };
}

/** `[reason] [for 2h]` */
function parseLock(place: { readonly app: string; readonly environment: string }, words: readonly string[]): Parsed {
  const [before, last] = [words.at(-2), words.at(-1)];
  const ending = before?.toLowerCase() === "for" ? /^(\d{1,4})(m|min|h|d)$/u.exec(last?.toLowerCase() ?? "") : null;
  if (before?.toLowerCase() === "for" && ending === null && /^\d/u.test(last ?? "")) {
    return unclear(
      `“${last ?? ""}” is no duration; write 30m, 2h or 1d.`,
      `lock ${place.app} ${place.environment} ${words.slice(0, -1).join(" ")} 2h`,
    );
  }
  const forMs = ending === null ? LOCK_MS : Number(ending[1]) * (UNIT_MS[ending[2] ?? ""] ?? 0);
  const reason = (ending === null ? words : words.slice(0, -2)).join(" ");
  if (forMs <= 0)
    return unclear("A lock of no time holds nothing.", `lock ${place.app} ${place.environment} ${reason} for 2h`.replace(/ +/gu, " "));
  return { kind: "intent", intent: { kind: "lock", ...place, reason: reason === "" ? "no reason given" : reason.slice(0, 500), forMs } };
}

/** `shop`, `shop production`, `shop REF to production`, and with one app also `production` and `REF to production`. */
function parseDeploy(words: readonly string[], vocabulary: Vocabulary): Parsed {
  const only = vocabulary.length === 1 ? vocabulary[0] : undefined;
  const named = vocabulary.find((known) => known.app === words[0]);
  const app = named ?? only;
  const rest = named === undefined ? words : words.slice(1);
  if (app === undefined || (named === undefined && !fitsWithoutApp(words, app.environments))) return unknownFirst(words, vocabulary);
  if (rest.length === 0) return { kind: "choose", app: app.app, environment: null };
  const to = rest.findLastIndex((word) => word.toLowerCase() === "to");
  const [refs, places] = to === -1 ? [rest.slice(0, -1), rest.slice(-1)] : [rest.slice(0, to), rest.slice(to + 1)];
  if (to === -1 && refs.length > 0) {
    return unclear(
      `“${rest.join(" ")}” is not clear.`,
      `${app.app} ${refs.join(" ")} to ${near(places[0] ?? "", app.environments) ?? places[0] ?? ""}`,
    );
  }
  const environment = environmentNamed(places[0], app, (name) => [app.app, ...refs, ...(refs.length > 0 ? ["to"] : []), name].join(" "));
  if (typeof environment !== "string") return environment;
  if (refs.length > 1 || places.length > 1)
    return unclear("One version goes to one environment.", `${app.app} ${refs[0] ?? ""} to ${environment}`.replace(/ +/gu, " "));
  const ref = refs[0] ?? null;
  if (ref !== null && (!REF.test(ref) || ref.includes("..")))
    return unclear(`“${ref}” cannot be a branch, tag or commit.`, `${app.app} to ${environment}`);
  return { kind: "intent", intent: { kind: "deploy", app: app.app, environment, ref } };
}

function fitsWithoutApp(words: readonly string[], environments: readonly string[]): boolean {
  return words.some((word) => word.toLowerCase() === "to") || (words.length === 1 && environments.includes(words[0] ?? ""));
}

type KnownApp = Vocabulary[number];

function appNamed(name: string | undefined, vocabulary: Vocabulary, verb: Verb, after: readonly string[]): KnownApp | Parsed {
  const known = vocabulary.find((candidate) => candidate.app === name);
  if (known !== undefined) return known;
  const apps = vocabulary.map((candidate) => candidate.app);
  if (name === undefined) return unclear(`Which app? ${choices(apps)}`, apps.length === 1 ? `${verb} ${apps[0] ?? ""}` : null);
  const nearest = near(name, apps);
  return unclear(`There is no app “${name}”. ${choices(apps)}`, nearest === null ? null : [verb, nearest, ...after].join(" "));
}

function environmentNamed(name: string | undefined, app: KnownApp, again: (name: string) => string): string | Parsed {
  const only = app.environments.length === 1 ? app.environments[0] : undefined;
  if (name === undefined) return only ?? unclear(`Which environment of ${app.app}? ${choices(app.environments)}`, null);
  if (app.environments.includes(name)) return name;
  const nearest = near(name, app.environments);
  return unclear(`${app.app} has no environment “${name}”. ${choices(app.environments)}`, nearest === null ? null : again(nearest));
}

function unknownFirst(words: readonly string[], vocabulary: Vocabulary): Parsed {
  const apps = vocabulary.map((known) => known.app);
  const first = words[0] ?? "";
  const nearest = near(first, [...apps, ...VERBS]);
  return unclear(
    `“${first}” is neither a command nor an app. ${choices(apps)}`,
    nearest === null ? null : [nearest, ...words.slice(1)].join(" "),
  );
}

function choices(names: readonly string[]): string {
  if (names.length === 0) return "Nothing is configured yet.";
  return `There ${names.length === 1 ? "is" : "are"} ${names.slice(0, 12).join(", ")}${names.length > 12 ? " and more" : ""}.`;
}

function unclear(sentence: string, suggestion: string | null): Parsed {
  return { kind: "unclear", sentence, suggestion };
}

/** The nearest name within two slips of the finger, or the only one that begins so. */
function near(word: string, names: readonly string[]): string | null {
  const lower = word.toLowerCase();
  const begun = names.filter((name) => lower.length >= 2 && name.toLowerCase().startsWith(lower));
  if (begun.length === 1) return begun[0] ?? null;
  const ranked = names
    .map((name) => ({ name, slips: slips(lower, name.toLowerCase()) }))
    .toSorted((left, right) => left.slips - right.slips);
  const best = ranked[0];
  return best !== undefined && best.slips <= Math.min(2, Math.floor(best.name.length / 2)) ? best.name : null;
}

/** Optimal string alignment distance: insert, delete, replace, swap of neighbours. */
function slips(left: string, right: string): number {
  if (Math.abs(left.length - right.length) > 2) return 3;
  let older: number[] = [];
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= right.length; column += 1) {
      const same = left[row - 1] === right[column - 1];
      const swapped = row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      current[column] = Math.min(
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + (same ? 0 : 1),
        swapped ? (older[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    older = previous;
    previous = current;
  }
  return previous[right.length] ?? 3;
}
