/**
 * What means that CI deployed there: a deployment that the provider records for an environment of that name, or a stage of the
 * pipeline of that name that passed.
 */
export type Observe = { readonly kind: "environment"; readonly name: string } | { readonly kind: "stage"; readonly name: string };

/**
 * The stage of the pipeline that tests a deployment. `start`: the workflow file that we start at GitHub once it is live, or `pipeline` at
 * GitLab; null: CI starts it by itself.
 */
export type Acceptance = { readonly stage: string; readonly start: string | null };

/** How tickets are named in titles (a regular expression), and where they are: `{ticket}` in `url` is what was found. */
export type Tickets = { readonly pattern: string; readonly url: string };

/** Above this many changes, or days since the oldest of them, people are told once a week that small ones are easier to undo. */
export type Small = { readonly changes: number; readonly days: number };
