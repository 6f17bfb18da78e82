import { helped } from "./aftermath.ts";
import type { Deployment } from "./deployment.ts";
import { isFinal } from "./deployment.ts";
import type { DeploymentId } from "./ids.ts";
import type { Measurement } from "./measurement.ts";
import type { PageCause, PageEvent } from "./page.ts";
import type { Actor } from "./people.ts";

/** What is stored of the trouble with one deployment. */
export type Incident = {
  readonly deployment: DeploymentId;
  /** When the present trouble began; null: it is over. */
  readonly since: Date | null;
  /** What the pager was told last, and what for; null: nothing. */
  readonly told: PageEvent | null;
  readonly cause: PageCause | null;
  /** How many calls there were: they are numbered by it. */
  readonly calls: number;
  /** When people are told what happened at night; null: there is nothing to tell. */
  readonly noteAt: Date | null;
};

/** An incident with what else decides about it: who is on it, what people say of it, and the looks after its rollback. */
export type KnownIncident = Incident & {
  readonly onIt: Actor | null;
  /** A person said that its regression was none. */
  readonly isFalse: boolean;
  readonly aftermath: readonly Measurement[];
};

/** Does somebody have to be woken? `wait`: not before then, or not as long as things go on by themselves (null). */
export type Need =
  | { readonly kind: "page"; readonly cause: PageCause }
  | { readonly kind: "wait"; readonly until: Date | null }
  | { readonly kind: "taken" }
  | { readonly kind: "over" };

/** What is known of one deployment that went live, or was to, and of the rollback of it. */
export type Troubled = {
  readonly deployment: Deployment;
  /** The newest rollback of it; null: there is none. */
  readonly rollback: Deployment | null;
  readonly onIt: Actor | null;
  readonly isFalse: boolean;
  readonly aftermath: readonly Measurement[];
  /** When the trouble began. */
  readonly since: Date;
  /** A server runs it, and nothing newer is on its way there. */
  readonly inPlace: boolean;
};

/**
 * Who is woken, and when; `afterMs` is how long a regression waits for somebody to take it. What Greenlight cannot mend by itself does
 * not wait, and what is mended already wakes nobody.
 */
export function needOf(troubled: Troubled, afterMs: number, now: Date): Need {
  const need = needOfNobody(troubled, afterMs, now);
  if (troubled.isFalse && need.kind === "page" && OF_THE_VERDICT.has(need.cause)) return { kind: "over" };
  return troubled.onIt !== null && need.kind !== "over" ? { kind: "taken" } : need;
}

/** Nobody is woken for these when the verdict was a false alarm; what is half-way is half-way all the same. */
const OF_THE_VERDICT: ReadonlySet<PageCause> = new Set(["regression", "not_stopped", "unverified"]);

/** As if nobody had said that they are on it. */
function needOfNobody(troubled: Troubled, afterMs: number, now: Date): Need {
  const { deployment, rollback } = troubled;
  if (deployment.state.state === "needs_attention") return { kind: "page", cause: "needs_attention" };
  return rollback === null ? needOfRegression(troubled, afterMs, now) : needAfterRollback(troubled, rollback);
}

function needAfterRollback({ deployment, aftermath }: Troubled, rollback: Deployment): Need {
  const { state } = rollback;
  if (state.state === "needs_attention") return { kind: "page", cause: "rollback_failed" };
  const byPerson = rollback.requestedBy.kind !== "greenlight";
  // What ended without going live was ended by a person, who has seen how it stands.
  if (rollback.liveAt === null) return byPerson || isFinal(state) ? { kind: "taken" } : { kind: "wait", until: null };
  if (verdictOf(deployment)?.kind !== "regressed") return { kind: "over" };
  const outcome = helped(deployment, rollback, aftermath);
  switch (outcome) {
    case "stopped":
      return { kind: "over" };
    case "going on":
      return { kind: "page", cause: "not_stopped" };
    case "looking":
      return byPerson ? { kind: "taken" } : { kind: "wait", until: null };
    case "unseen":
      return byPerson ? { kind: "over" } : { kind: "page", cause: "unverified" };
    default:
      return outcome satisfies never;
  }
}

function needOfRegression({ deployment, since, inPlace }: Troubled, afterMs: number, now: Date): Need {
  const { state } = deployment;
  const verdict = verdictOf(deployment);
  const goesOn = verdict?.kind === "regressed" && (verdict.ongoing || state.state === "countdown");
  if (!goesOn || deployment.plan.watch?.onRegression === "shadow" || !inPlace) return { kind: "over" };
  // Who keeps it has taken it, after the watch too.
  if ("keptBy" in state && (state.keptBy ?? null) !== null) return { kind: "taken" };
  const own = since.getTime() + afterMs;
  // A countdown is about to mend it: nobody is woken before it had its time.
  const until = new Date(state.state === "countdown" ? Math.max(own, state.rollBackAt.getTime() + MOMENT_MS) : own);
  return now >= until ? { kind: "page", cause: "regression" } : { kind: "wait", until };
}

/** What a countdown decides is decided a moment after its end. */
const MOMENT_MS = 5000;

function verdictOf({ state }: Deployment) {
  return "verdict" in state ? state.verdict : null;
}
