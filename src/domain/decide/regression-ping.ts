import { refText } from "../authorize.ts";
import type { Deployment } from "../deployment.ts";
import type { CommandOf, Effect, Snapshot } from "../environment.ts";
import type { Verdict } from "../measurement.ts";
import { titled } from "../titled.ts";
import { note } from "./decision.ts";

/** State first, then what can be done; the notification on the phone opens this, so it carries the button too. */
export function regressionPing(
  snapshot: Snapshot,
  deployment: Deployment,
  command: CommandOf<"measured">,
  { spent = null, rollBackAt = null }: { readonly spent?: Deployment | null; readonly rollBackAt?: Date | null },
): Effect {
  const { environment } = snapshot;
  const undo = command.undo.kind === "yes" ? "Rolling back is safe." : command.undo.because;
  const intends =
    spent === null
      ? intention(deployment, command.verdict, rollBackAt)
      : `Greenlight rolled back by itself less than six hours ago (#${spent.number}), so this time it waits for a person.`;
  const still = command.verdict.ongoing ? "still happening" : "it has stopped";
  const mention = environment.onCall.map(refText);
  return note(
    deployment,
    // What was said before, that it waits for a person, is not true any more.
    rollBackAt === null ? `regression:${deployment.id}` : `countdown:${deployment.id}:${rollBackAt.toISOString()}`,
    `Regression in ${environment.app}, ${environment.name}: ${still}. ${undo} ${intends}${harmWords(deployment, command.verdict)}`,
    {
      kind: "ping",
      ping: "regression",
      mention,
      rollBackButton: true,
    },
  );
}

/** What Greenlight will do, and when: whoever was woken asks that next. */
function intention({ plan }: Deployment, verdict: Verdict, rollBackAt: Date | null): string {
  if (rollBackAt !== null) return `Greenlight rolls back at ${rollBackAt.toISOString()}, unless the errors end or somebody stops it.`;
  if (plan.watch?.onRegression === "rollback" && verdict.ongoing && verdict.level !== "act")
    return "Greenlight is not sure enough to roll back by itself: it waits for you.";
  return "Greenlight waits for you.";
}

/** Since when, how many people, and the change that it must come from, where there is only one. */
function harmWords({ changes }: Deployment, { figures: { since, usersHit } }: Verdict): string {
  const [only, second] = changes.changes;
  const isOnly = only !== undefined && second === undefined && changes.complete;
  const words = [
    ...(since === null ? [] : [`Since ${since.toISOString()}.`]),
    ...(usersHit === null ? [] : [`${usersHit} ${usersHit === 1 ? "person" : "people"} hit so far.`]),
    ...(isOnly ? [`Likely from: ${titled(only.title)}, ${only.author.name}.`] : []),
  ];
  return words.length === 0 ? "" : ` ${words.join(" ")}`;
}
