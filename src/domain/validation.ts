import type { ValidationView } from "./card.ts";
import { isSameSet, newestRecord } from "./companion.ts";
import type { App, Environment } from "./config.ts";
import type { AfterRecord } from "./recorded.ts";
import type { Validation } from "./standing.ts";
import type { Sha } from "./ids.ts";
import { actorName } from "./people.ts";

/** What people's words on one revision amount to. */
export type Validated =
  | { readonly kind: "nobody" }
  /** `by`: everybody whose latest word is "looks good", oldest first. */
  | { readonly kind: "looks_good"; readonly by: readonly Validation[] }
  | { readonly kind: "not_yet"; readonly said: Validation };

/**
 * The newest word counts: a "not yet" holds a revision back until whoever said it, or somebody else who looks after that, says "looks
 * good". Of two words at the same moment the "not yet" counts.
 */
export function validated(words: readonly Validation[], revision: Sha): Validated {
  const said = wordsOn(words, revision);
  const last = said.at(-1);
  if (last === undefined) return { kind: "nobody" };
  if (last.verdict === "not_yet") return { kind: "not_yet", said: last };
  return { kind: "looks_good", by: said.filter((word) => word.verdict === "looks_good") };
}

/** Everybody's latest word on a revision, oldest first. */
function wordsOn(words: readonly Validation[], revision: Sha): readonly Validation[] {
  return words
    .filter((word) => word.revision === revision)
    .toSorted((a, b) => a.at.getTime() - b.at.getTime() || Number(a.verdict === "not_yet") - Number(b.verdict === "not_yet"));
}

/** What ran where people looked. */
type Ran = Pick<AfterRecord, "revision" | "liveAt" | "companions">;

/**
 * The words on a revision that still stand, by what `records` say of the place where people look (absent or null: nothing): whoever looked while
 * it ran there with other companions has seen something else.
 */
export function wordsFor(words: readonly Validation[], revision: Sha, records: readonly Ran[] | null = null): readonly Validation[] {
  const own = wordsOn(words, revision);
  const ran = records ?? [];
  const now = newestRecord(ran, revision);
  if (now === undefined) return own;
  const seenBy = ({ at }: Validation): Ran | undefined =>
    newestRecord(
      ran.filter(({ liveAt }) => liveAt <= at),
      revision,
    );
  return own.filter((word) => isSameSet(now.companions, seenBy(word)?.companions));
}

/** Why a revision may not go on to the environment that comes after `where`, and what lifts it, typed with the `command` that people have here; null: it may. */
export function whyNotValidated(
  words: readonly Validation[],
  revision: Sha,
  place: { command: string; app: string; where: string },
): string | null {
  const state = validated(words, revision);
  switch (state.kind) {
    case "looks_good":
      return null;
    case "nobody":
      return `Nobody has said "looks good" on ${place.where} yet (${place.command} looks-good ${place.app} ${place.where}).`;
    case "not_yet": {
      const who = actorName(state.said.actor);
      const why = (state.said.reason ?? "no reason given").replace(/[.\s]+$/u, "");
      return `${who} said not yet on ${place.where}: ${why}. It goes on when ${who}, or somebody who looks after that, says "looks good".`;
    }
    default:
      return state satisfies never;
  }
}

/** Environments that wait for a person's word on this one. */
export function validatedHere(app: App, environment: string): readonly Environment[] {
  return app.environments.filter((next) => next.needsValidation && next.after?.environment === environment);
}

/** Are people asked to look now? Not when it is no more there, and not once the last word was "looks good". */
export function isLookDue(view: ValidationView | null): view is ValidationView {
  return view !== null && view.due && view.said.at(-1)?.verdict !== "looks_good";
}
