import type { Actor } from "./people.ts";

/** A regression that the watch of one deployment saw, whatever its policy did about it. */
export type Alarm = {
  readonly seenAt: Date;
  /** When `on_regression: rollback` would have begun to act, or did; null: it would have waited for a person. */
  readonly wouldActAt: Date | null;
  /** Null: nobody has said yet what it was. */
  readonly word: AlarmWord | null;
};

/** What a person says of an alarm once they know; the last word counts, the history keeps all. */
export type AlarmWord = { readonly isReal: boolean; readonly by: Actor; readonly at: Date };

/** In the words of the buttons. */
export function wordName(isReal: boolean): string {
  return isReal ? "Real" : "False alarm";
}
