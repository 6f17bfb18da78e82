/** One version that a person may ask for, by a name that the code host or the database knows. */
export type RefChoice = {
  /** What is asked for: a full revision, or `refs/heads/x`, `refs/tags/x`. */
  readonly value: string;
  /** A title, a branch, a tag. */
  readonly name: string;
  /** What stands behind the name; null: nothing. */
  readonly note: string | null;
};

/** What a search for a version found, each part bounded. `away`: the code host did not answer, so this is only what the database has. */
export type RefChoices = {
  readonly candidates: readonly RefChoice[];
  readonly branches: readonly RefChoice[];
  readonly tags: readonly RefChoice[];
  readonly commits: readonly RefChoice[];
  readonly away: boolean;
};
