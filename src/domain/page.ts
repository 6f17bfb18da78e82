import type { DeploymentId, Sha } from "./ids.ts";

/** What a pager is told: a person is needed, one took it, or nobody is needed any more. */
export type PageEvent = "trigger" | "acknowledge" | "resolve";

/** Why a person is needed. `unverified`: rolled back without anybody, and nobody could see whether it helped. */
export type PageCause = "regression" | "rollback_failed" | "needs_attention" | "not_stopped" | "unverified";

/** One call to a pager. All of its words are ours: no title of an issue, no output of a host, no name of a change. */
export type Page = {
  readonly event: PageEvent;
  readonly deployment: DeploymentId;
  readonly cause: PageCause;
  /** One sentence: what is so, and where. */
  readonly summary: string;
  readonly app: string;
  readonly environment: string;
  readonly number: number;
  readonly revision: Sha;
  readonly since: Date;
  /** Errors a minute, and before: in the newest stretch of the watch where they rose, else since it is live; null: not counted. */
  readonly errorsPerMinute: number | null;
  readonly errorsPerMinuteBefore: number | null;
  /** Distinct people; null: not known. */
  readonly usersHit: number | null;
  /** Where people look at the environment; null: not configured. */
  readonly url: string | null;
};

/** The nth call about one deployment; its number makes it one, however often it is tried. */
export type PagerCall = {
  readonly deployment: DeploymentId;
  readonly sequence: number;
  readonly connection: string;
  readonly page: Page;
};

/** What a pager made of a call. `again`: it may take it later, `afterMs` where it said when. `refused`: this call never. */
export type PagerAnswer =
  | { readonly kind: "taken" }
  | { readonly kind: "again"; readonly because: string; readonly afterMs: number | null }
  | { readonly kind: "refused"; readonly because: string };

/** Calls a pager. Never throws; no sentence holds a secret. */
export type Pager = {
  /** `id` is the same for every try of one call. */
  call(connection: string, id: string, page: Page): Promise<PagerAnswer>;
  /** Is somebody there? Calls nobody. Null: yes; else why not. */
  reach(connection: string): Promise<string | null>;
};
