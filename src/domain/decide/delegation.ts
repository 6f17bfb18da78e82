import { authorize } from "../authorize.ts";
import type { CommandOf, Effect, Snapshot } from "../environment.ts";
import { actorKey } from "../people.ts";
import { decision, entry, refused, type Outcome } from "./decision.ts";
import { notAllowed } from "./refusals.ts";

/** A right that is given away for longer is forgotten. */
export const DELEGATED_AT_MOST_MS = 30 * 86_400_000;

/**
 * An approver gives their right to somebody of the workspace for a while. Four eyes hold for both: the stand-in's yes counts only where
 * the approver's own would, once, and not for what the stand-in wrote or asked for. Nobody gives on what was given to them.
 */
export function delegate(snapshot: Snapshot, command: CommandOf<"delegate">, now: Date): Outcome {
  const { environment } = snapshot;
  const { actor } = command.standing;
  const { to, until } = command;
  const may = authorize("delegate", command.standing, environment, null);
  if (may !== null) return notAllowed("delegated", may, snapshot);
  if (actor.kind !== "slack") return refused("Not delegated: only people in Slack have this right.");
  if (actorKey(actor) === `slack:${to.id}`) return refused("Not delegated: it is your right already.");
  if (to.unfit !== null) return refused(`Not delegated: ${to.unfit}`, [], { change: "Name somebody of your own workspace." });
  if (until <= now)
    return refused("Not delegated: that time has passed.", [], { change: "Say until when, as in `until fri` or `for 2d`." });
  if (until.getTime() - now.getTime() > DELEGATED_AT_MOST_MS)
    return refused("Not delegated: 30 days is the longest.", [], { change: "Say a shorter time, as in `for 7d`." });
  return decision({
    changes: [{ kind: "delegate", delegation: { app: environment.app, from: actor.id, to: to.id, until, at: now } }, ...redrawn(snapshot)],
    effects: [
      told(
        snapshot,
        { to: to.id, key: `ask:delegated:${environment.app}:${actor.id}:${until.toISOString()}` },
        `${actor.name} asks you to say yes or no to deployments of ${environment.app} for them, until ${until.toISOString()}.`,
      ),
    ],
    history: [entry("delegated", null, actor, { app: environment.app, to: to.id, until: until.toISOString() })],
    answer: `${to.name} may say yes or no to ${environment.app} for you until ${until.toISOString()}. Take it back with undelegate ${environment.app} @${to.name}.`,
  });
}

/** Taken back: yeses that were given by it and have started nothing yet do not count any more. */
export function undelegate(snapshot: Snapshot, command: CommandOf<"undelegate">): Outcome {
  const { environment } = snapshot;
  const { actor } = command.standing;
  const { to } = command;
  const may = authorize("undelegate", command.standing, environment, null);
  if (may !== null) return notAllowed("taken back", may, snapshot);
  if (actor.kind !== "slack") return refused("Not taken back: only people in Slack have this right.");
  return decision({
    changes: [{ kind: "undelegate", delegation: { app: environment.app, from: actor.id, to: to.id } }, ...redrawn(snapshot)],
    effects: [{ kind: "recheck", at: null }],
    history: [entry("undelegated", null, actor, { app: environment.app, to: to.id })],
    answer: `${to.name} does not decide for you any more.`,
  });
}

/** The card says who may, or that nobody is left who may. */
function redrawn(snapshot: Snapshot): { readonly kind: "redraw"; readonly id: Snapshot["open"][number]["id"] }[] {
  return snapshot.open.filter(({ state }) => state.state === "awaiting_approval").map(({ id }) => ({ kind: "redraw", id }));
}

function told(snapshot: Snapshot, to: { readonly to: string; readonly key: string }, text: string): Effect {
  return { kind: "notice", deployment: null, app: snapshot.environment.app, ...to, text };
}
