import type { Sha } from "./ids.ts";

/** What a search found, names without `refs/…/`; a page of each at most. `complete` false: a part of it was not answered. */
export type FoundRefs = {
  readonly branches: readonly string[];
  readonly tags: readonly string[];
  readonly commits: readonly { readonly revision: Sha; readonly title: string }[];
  readonly complete: boolean;
};
