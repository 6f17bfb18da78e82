import { BUTTONS, ELSEWHERE, verbOf, VERBS } from "./forms.ts";
import { isSlipOf, near } from "./near.ts";
import { choices, environmentCalled, named, spreadOut } from "./place.ts";
import { fault, intent, type Fault, type KnownApp, type Understood, type Vocabulary } from "./types.ts";
import { bare, refOf } from "./words.ts";

/** What begins with an app, or with one app with what goes there. */

const TOWARDS: ReadonlySet<string> = new Set(["to", "on", "in", "into", "@"]);

/** `shop`, `shop production`, `shop REF`, `shop REF to production`, and with one app also `production` and `REF to production`. */
export function deployMeant(given: readonly string[], vocabulary: Vocabulary): Understood {
  const words = spreadOut(given, vocabulary);
  const found = named(words[0] ?? "", vocabulary);
  const app = found ?? (vocabulary.length === 1 ? vocabulary[0] : undefined);
  const rest = found === undefined ? words : words.slice(1);
  if (app === undefined || (found === undefined && !fitsWithoutApp(words, app))) return unknownFirst(words, vocabulary);
  const [first] = rest;
  if (first === undefined) return { kind: "choose", app: app.app, environment: null, ref: null };
  const at = rest.findLastIndex(
    (word, index) => TOWARDS.has(word.toLowerCase()) && (word.toLowerCase() === "to" || index === rest.length - 2),
  );
  if (at !== -1) return towards(app, rest.slice(0, at), rest.slice(at + 1));
  const verb = verbOf(rest);
  if (verb !== null && environmentCalled(first, app) === undefined)
    return fault(`“${verb.verb}” comes before the app.`, [verb.verb, app.app, ...rest.slice(verb.size)]);
  return rest.length === 1 ? oneWord(app, first) : manyWords(app, rest);
}

function towards(app: KnownApp, refs: readonly string[], places: readonly string[]): Understood {
  const [first, ...more] = places;
  const [typed, ...others] = refs;
  if (first === undefined)
    return fault(
      `To which environment of ${app.app}? ${choices(app.environments)}`,
      ...app.environments.map((name) => [app.app, ...refs, "to", name]),
    );
  const environment = environmentCalled(first, app);
  if (environment === undefined)
    return fault(
      `${app.app} has no environment “${first}”. ${choices(app.environments)}`,
      ...near(bare(first), app.environments).map((name) => [app.app, ...refs, ...(refs.length > 0 ? ["to"] : []), name]),
    );
  if (others.length > 0 || more.length > 0)
    return fault("One version goes to one environment.", [app.app, ...(typed === undefined ? [] : [typed]), "to", environment]);
  const ref = typed === undefined ? null : refOf(typed);
  if (typed !== undefined && ref === null) return fault(`“${typed}” cannot be a branch, tag or commit.`, [app.app, "to", environment]);
  return intent({ kind: "deploy", app: app.app, environment, ref });
}

/** An environment, or a version whose environment is chosen in the form. */
function oneWord(app: KnownApp, word: string): Understood {
  const environment = environmentCalled(word, app);
  if (environment !== undefined) return intent({ kind: "deploy", app: app.app, environment, ref: null });
  const meant = near(bare(word), app.environments);
  if (meant.length > 0)
    return fault(`${app.app} has no environment “${word}”. ${choices(app.environments)}`, ...meant.map((name) => [app.app, name]));
  const ref = refOf(word);
  return ref === null
    ? fault(`“${word}” cannot be a branch, tag or commit.`, [app.app])
    : { kind: "choose", app: app.app, environment: null, ref };
}

function manyWords(app: KnownApp, rest: readonly string[]): Fault {
  const [first = "", last = ""] = [rest[0], rest.at(-1)];
  const middle = rest.slice(1, -1);
  const toLast = environmentsNear(last, app).map((name) => [app.app, first, "to", name]);
  // "shop production main": the other way around.
  const toFirst = rest.length === 2 ? environmentsNear(first, app).map((name) => [app.app, last, "to", name]) : [];
  const clear = middle.every((word) => isSlipOf(word, "to"));
  return fault(`“${rest.join(" ")}” is not clear.`, ...toLast, ...toFirst, ...(clear ? [] : [[app.app, first]]));
}

function environmentsNear(word: string, app: KnownApp): readonly string[] {
  const exact = environmentCalled(word, app);
  return exact === undefined ? near(bare(word), app.environments) : [exact];
}

function fitsWithoutApp(words: readonly string[], app: KnownApp): boolean {
  return words.some((word) => word.toLowerCase() === "to") || (words.length === 1 && environmentCalled(words[0] ?? "", app) !== undefined);
}

function unknownFirst(words: readonly string[], vocabulary: Vocabulary): Fault {
  const [first = "", ...rest] = words;
  const lower = bare(first).toLowerCase();
  const apps = vocabulary.map((known) => known.app);
  if (BUTTONS.has(lower))
    return fault(`“${first}” is a button on the card: a yes or no counts only for what its presser was shown. “queue” lists what waits.`, [
      "queue",
      ...(named(rest[0] ?? "", vocabulary) === undefined ? [] : rest.slice(0, 1)),
    ]);
  const elsewhere = Object.hasOwn(ELSEWHERE, lower) ? ELSEWHERE[lower] : undefined;
  const homes = rest.length === 0 ? vocabulary.filter((app) => environmentCalled(first, app) !== undefined) : [];
  if (homes.length > 0)
    return fault(
      `Which app? “${first}” is an environment of ${homes.map(({ app }) => app).join(", ")}.`,
      ...homes.map(({ app }) => [app, bare(first)]),
    );
  const fixes: (readonly string[])[] = [
    ...(elsewhere === undefined ? [] : [[elsewhere, ...rest]]),
    ...near(bare(first), [...apps, ...VERBS]).map((name) => [name, ...rest]),
    ...nearAlone(words, vocabulary),
  ];
  // With one app its name may be what is missing; a guess that is only made when nothing is near.
  const [only, other] = vocabulary;
  if (fixes.length === 0 && only !== undefined && other === undefined) fixes.push([only.app, ...words]);
  return fault(`“${first}” is neither a command nor an app. ${choices(apps)}`, ...fixes);
}

/** A mistyped environment of the only app. */
function nearAlone(words: readonly string[], vocabulary: Vocabulary): readonly (readonly string[])[] {
  const [only, other] = vocabulary;
  if (only === undefined || other !== undefined || words.length > 1) return [];
  return near(bare(words[0] ?? ""), only.environments).map((name) => [only.app, name]);
}
