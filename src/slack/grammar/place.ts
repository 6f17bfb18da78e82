import { near } from "./near.ts";
import { fault, type Fault, type KnownApp, type Vocabulary } from "./types.ts";
import { bare } from "./words.ts";

/** Which app and environment words name. */

const BEFORE_APP: ReadonlySet<string> = new Set(["of", "for", "on", "in"]);
const BEFORE_ENVIRONMENT: ReadonlySet<string> = new Set(["to", "on", "in", "into", "at", "of", "from", "@"]);

export type Place<Where> = {
  readonly kind: "place";
  readonly app: KnownApp;
  readonly environment: Where;
  readonly rest: readonly string[];
};

/** The app that the words begin with; with one app it may be left out before its environment. `again` makes the whole command anew. */
export function appIn(words: readonly string[], vocabulary: Vocabulary, again: Again): Place<null> | Fault {
  const spread = spreadOut(words, vocabulary);
  const [first, ...after] = spread;
  const known = first === undefined ? undefined : named(first, vocabulary);
  if (known !== undefined) return { kind: "place", app: known, environment: null, rest: after };
  if (first !== undefined && BEFORE_APP.has(first.toLowerCase()) && named(after[0] ?? "", vocabulary) !== undefined)
    return appIn(after, vocabulary, again);
  const only = vocabulary.length === 1 ? vocabulary[0] : undefined;
  if (only !== undefined && (first === undefined || environmentCalled(stripped(spread)[0] ?? "", only) !== undefined))
    return { kind: "place", app: only, environment: null, rest: spread };
  const apps = vocabulary.map((candidate) => candidate.app);
  if (first === undefined) return fault(`Which app? ${choices(apps)}`, ...(apps.length <= 3 ? apps.map((app) => again([app])) : []));
  const swapped = named(after[0] ?? "", vocabulary);
  if (swapped !== undefined && environmentCalled(first, swapped) !== undefined)
    return fault(`The app comes before its environment.`, again([swapped.app, first, ...after.slice(1)]));
  const nearApps = near(bare(first), apps).map((app) => again([app, ...after]));
  const nearPlaces = only === undefined ? [] : near(bare(first), only.environments).map((name) => again([only.app, name, ...after]));
  return fault(`There is no app “${first}”. ${choices(apps)}`, ...nearApps, ...nearPlaces);
}

/** How a command reads with these words behind its own. */
export type Again = (words: readonly string[]) => readonly string[];

/** App and environment; the only environment of an app need not be said. */
export function placeIn(words: readonly string[], vocabulary: Vocabulary, again: Again): Place<string> | Fault {
  const found = maybePlaceIn(words, vocabulary, again);
  if (found.kind === "fault" || found.environment !== null) return found as Place<string> | Fault;
  const { app } = found;
  const [only, other] = app.environments;
  if (only !== undefined && other === undefined) return { ...found, environment: only };
  return fault(`Which environment of ${app.app}? ${choices(app.environments)}`);
}

/** App, and environment if one is said. */
export function maybePlaceIn(words: readonly string[], vocabulary: Vocabulary, again: Again): Place<string | null> | Fault {
  const found = appIn(words, vocabulary, again);
  if (found.kind === "fault") return found;
  const { app } = found;
  const [first, ...after] = stripped(found.rest);
  if (first === undefined) return found.rest.length === 0 ? found : fault(`Which environment of ${app.app}? ${choices(app.environments)}`);
  const environment = environmentCalled(first, app);
  if (environment !== undefined) return { ...found, environment, rest: after };
  const [only, other] = app.environments;
  const fixes = near(bare(first), app.environments).map((name) => again([app.app, name, ...after]));
  // What comes behind the only environment may come without it.
  const alone = only !== undefined && other === undefined ? [again([app.app, only, ...found.rest])] : [];
  return fault(`${app.app} has no environment “${first}”. ${choices(app.environments)}`, ...fixes, ...alone);
}

/** Without an "on" or "in" before an environment. */
function stripped(words: readonly string[]): readonly string[] {
  return BEFORE_ENVIRONMENT.has((words[0] ?? "").toLowerCase()) ? words.slice(1) : words;
}

/** `shop/production`, as threads and logs write it, is an app and its environment. */
export function spreadOut(words: readonly string[], vocabulary: Vocabulary): readonly string[] {
  const [first = "", ...rest] = words;
  const slash = first.indexOf("/");
  if (slash === -1 || named(first, vocabulary) !== undefined || named(first.slice(0, slash), vocabulary) === undefined) return words;
  return [
    first.slice(0, slash),
    ...first.slice(slash + 1).split("#", 1),
    ...(first.includes("#") ? [first.slice(first.indexOf("#"))] : []),
    ...rest,
  ];
}

export function named(word: string, vocabulary: Vocabulary): KnownApp | undefined {
  const name = bare(word);
  return vocabulary.find(({ app }) => app === name) ?? onlyOne(vocabulary.filter(({ app }) => app.toLowerCase() === name.toLowerCase()));
}

export function environmentCalled(word: string, app: KnownApp): string | undefined {
  const name = bare(word);
  const { environments } = app;
  return (
    environments.find((known) => known === name) ?? onlyOne(environments.filter((known) => known.toLowerCase() === name.toLowerCase()))
  );
}

/** Names that differ only in case are different names. */
function onlyOne<Name>(names: readonly Name[]): Name | undefined {
  return names.length === 1 ? names[0] : undefined;
}

export function choices(names: readonly string[]): string {
  if (names.length === 0) return "Nothing is configured yet.";
  return `There ${names.length === 1 ? "is" : "are"} ${names.slice(0, 12).join(", ")}${names.length > 12 ? " and more" : ""}.`;
}
