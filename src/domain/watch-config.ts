/** How long a deployment is watched, by which monitors, and what a regression means. Times in milliseconds. */
export type Watch = {
  readonly forMs: number;
  /** Time between two looks of one monitor. */
  readonly everyMs: number;
  /** How much history before the deployment is compared with. */
  readonly baselineMs: number;
  readonly onRegression: "shadow" | "offer" | "rollback";
  readonly countdownMs: number;
  /** A countdown that nobody could see, because Slack did not take it, holds instead of rolling back; absent: it rolls back. */
  readonly unseen?: "hold";
  readonly sentry: SentryWatch | null;
  readonly http: HttpWatch | null;
};

/** The Sentry project whose events are counted. A release is `releasePrefix` and the full revision. */
export type SentryWatch = {
  readonly connection: string;
  readonly organization: string | null;
  readonly project: string;
  readonly environment: string;
  readonly releasePrefix: string;
  /** The project's DSN is no secret of a browser or phone: only the team's own servers can send to it. Absent: anybody may. */
  readonly serverSide?: true;
};
/** The page that is asked whether the site is up. */
export type HttpWatch = HttpPage & {
  readonly timeoutMs: number;
  readonly also?: readonly HttpPage[];
  /** The header, or the field of its JSON with dots between levels, in which the page says which revision it runs; absent: it is not asked. */
  readonly revision?: string;
};
/** `contains`: what its text must have in it. */
export type HttpPage = { readonly url: string; readonly contains?: string };
