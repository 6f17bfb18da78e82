import type { CommandOf, Snapshot } from "../environment.ts";
import { actorKey, actorName } from "../people.ts";
import { isOccupying } from "../deployment.ts";
import { authorize } from "../authorize.ts";
import { byRule, decision, entry, move, refused, type Outcome } from "./decision.ts";
import { notAllowed } from "./refusals.ts";

/** A person holds the environment; locks set by people always expire. */
export function lock(snapshot: Snapshot, command: CommandOf<"lock">, now: Date): Outcome {
  const may = authorize("lock", command.standing, snapshot.environment, null);
  if (may !== null) return notAllowed("locked", may, snapshot);
  const { actor } = command.standing;
  const held = snapshot.lock;
  if (held !== null && held.until > now && actorKey(held.owner) !== actorKey(actor))
    return refused(`Not locked: ${actorName(held.owner)} holds it already: ${held.reason}`);
  return decision({
    changes: [{ kind: "lock", lock: { owner: actor, reason: command.reason, since: now, until: command.until } }],
    effects: [{ kind: "recheck", at: command.until }],
    history: [entry("locked", null, actor, { reason: command.reason, until: command.until.toISOString() })],
    answer: `${snapshot.environment.id} is yours. Nothing is deployed there until you unlock it or the time is over; a rollback still is.`,
  });
}

export function unlock(snapshot: Snapshot, command: CommandOf<"unlock">, now: Date): Outcome {
  const held = snapshot.lock;
  if (held === null || held.until <= now) return refused("Nothing to unlock: nobody holds it.");
  const may = authorize("unlock", command.standing, snapshot.environment, null);
  if (may !== null) return notAllowed("unlocked", may, snapshot);
  const { actor } = command.standing;
  const own = actorKey(held.owner) === actorKey(actor) || actor.kind === "cli" || command.standing.approver;
  if (!own)
    return refused(`Not unlocked: ${actorName(held.owner)} holds it: ${held.reason}`, [], {
      who: actorName(held.owner),
      change: "Ask them, or somebody who may approve here.",
    });
  return decision({
    changes: [{ kind: "lock", lock: null }],
    effects: [{ kind: "recheck", at: null }],
    history: [entry("unlocked", null, actor)],
    answer: "Unlocked.",
  });
}

/** First contact: what a host runs without us. Known hosts keep what we know. */
export function foundLive(snapshot: Snapshot, command: CommandOf<"found_live">, now: Date): Outcome {
  const hosts = command.hosts
    .filter((found) => !snapshot.live.some((known) => known.host === found.host))
    .map((found) => ({ host: found.host, revision: found.revision, since: now, deploymentId: null, source: "read from host" as const }));
  if (hosts.length === 0) return decision({});
  return decision({
    changes: [{ kind: "live", hosts }],
    effects: [{ kind: "recheck", at: null }],
    history: [
      entry("found_live", null, byRule("read from the hosts"), {
        hosts: hosts.map((host) => ({ host: host.host, revision: host.revision })),
      }),
    ],
  });
}

/** The database is older than the world: nothing starts until a person has looked. */
export function restored(snapshot: Snapshot, command: CommandOf<"restored">, now: Date): Outcome {
  const running = snapshot.open.filter((deployment) => isOccupying(deployment.state) && deployment.state.state !== "needs_attention");
  return decision({
    changes: [
      { kind: "hold", because: command.because },
      ...running.map((deployment) =>
        move(deployment, { state: "needs_attention", since: now, because: command.because, during: "executing" }),
      ),
    ],
    history: [entry("restored", null, byRule(command.because))],
  });
}
