import { deployMeant } from "./grammar/deploy.ts";
import { formOf, usageOf, verbOf } from "./grammar/forms.ts";
import { named } from "./grammar/place.ts";
import type { Parsed, Reader, Understood, Vocabulary } from "./grammar/types.ts";
import { verbMeant } from "./grammar/verbs.ts";
import { bare, wordsOf } from "./grammar/words.ts";

export type { Parsed, Reader, Unclear, Vocabulary } from "./grammar/types.ts";

/** A command has at most this many words that could be mistyped: verb, app, environment, "to" or "for", a time. */
const MENDED = 5;
/** More are no help. */
const SUGGESTED = 3;

/**
 * What `/deploy …` means. Pure: names come in, nothing is asked. Forgiving where nothing can go wrong by it (case, quotes, "please",
 * "on" before an environment); a typo does nothing and is told what was near, and whatever is suggested would be understood.
 */
export function parseCommand(text: string, vocabulary: Vocabulary, reader: Reader): Parsed {
  const words = wordsOf(text);
  const understood = (some: readonly string[]): Understood => meant(some, vocabulary, reader);
  const found = understood(words);
  if (found.kind !== "fault") return found;
  const form = formOf(verbTyped(text)?.verb ?? "");
  const suggestions = [...new Set(mended(found.fixes, understood, MENDED))].slice(0, SUGGESTED);
  return { kind: "unclear", sentence: found.sentence, suggestions, usage: form === null ? null : usageOf(form) };
}

/** The word that a command begins with, however it is spelt: "please roll back shop" is a rollback. Null: none. */
export function verbTyped(text: string): ReturnType<typeof verbOf> {
  return verbOf(wordsOf(text).map(bare));
}

function meant(words: readonly string[], vocabulary: Vocabulary, reader: Reader): Understood {
  const [first] = words;
  if (first === undefined) return { kind: "choose", app: null, environment: null, ref: null };
  // An app may be named like a verb; then the verb still wins, and the modal reaches the app.
  const verb = verbOf(words.map(bare));
  if (verb !== null) return verbMeant(verb.verb, { words: words.slice(verb.size), vocabulary, reader });
  const spare = bare(first).toLowerCase() === "deploy" && named(first, vocabulary) === undefined;
  return spare ? meant(words.slice(1), vocabulary, reader) : deployMeant(words, vocabulary);
}

/** What each way to mend it comes to; one that is unclear itself is mended further, or dropped. */
function mended(
  fixes: readonly (readonly string[])[],
  understood: (words: readonly string[]) => Understood,
  depth: number,
): readonly string[] {
  return fixes.flatMap((words) => {
    const found = understood(words);
    if (found.kind !== "fault") return [words.join(" ")];
    return depth <= 1 ? [] : mended(found.fixes, understood, depth - 1);
  });
}
