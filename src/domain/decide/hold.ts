import { liveRevision, type CommandOf, type Effect, type Snapshot } from "../environment.ts";
import { actorKey, actorName } from "../people.ts";
import { isOccupying } from "../deployment.ts";
import { authorize } from "../authorize.ts";
import { byRule, decision, end, entry, find, move, note, reasonOf, refused, type Outcome } from "./decision.ts";
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

/** Ends a lock, or the hold after a restore: by its owner, by who may approve, or on the bot's machine. */
export function unlock(snapshot: Snapshot, command: CommandOf<"unlock">, now: Date): Outcome {
  const held = snapshot.lock;
  if (snapshot.heldBecause !== null) return releaseHold(snapshot, command);
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
    history: [entry("unlocked", null, actor, reasonOf(command))],
    answer: "Unlocked.",
  });
}

/** A person's "looks good" for what is live here; environments that come after this one may require it. */
export function validate(snapshot: Snapshot, command: CommandOf<"validate">, now: Date): Outcome {
  const { environment } = snapshot;
  const live = liveRevision(snapshot);
  if (live === null || snapshot.mixed) return refused(`Not recorded: what is live on ${environment.name} is not known for all servers.`);
  const deployment = live.deploymentId === null ? undefined : find(snapshot, live.deploymentId);
  const may = authorize("validate", command.standing, environment, deployment ?? null);
  if (may !== null) return refused(`Not recorded: ${may}`);
  const { actor } = command.standing;
  const effects: Effect[] = [{ kind: "reconsider" }];
  if (deployment !== undefined)
    effects.push(note(deployment, `validated:${actorKey(actor)}:${live.revision}`, `${actorName(actor)} says: looks good.`));
  return decision({
    changes: [{ kind: "validate", validation: { environmentId: environment.id, revision: live.revision, actor, at: now } }],
    effects,
    history: [entry("validated", deployment ?? null, actor, { revision: live.revision })],
    answer: `Recorded: ${live.revision.slice(0, 7)} looks good on ${environment.name}.`,
  });
}

/** A person has looked at a restored database's world: what waits may start again. */
function releaseHold(snapshot: Snapshot, command: CommandOf<"unlock">): Outcome {
  const may = authorize("resolve", command.standing, snapshot.environment, null);
  if (may !== null) return notAllowed("released", may, snapshot);
  return decision({
    changes: [{ kind: "hold", because: null }],
    effects: [{ kind: "recheck", at: null }],
    history: [entry("hold_released", null, command.standing.actor, { heldBecause: snapshot.heldBecause, ...reasonOf(command) })],
    answer: `${snapshot.environment.id} is released: what waits there may start again.`,
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
        move(deployment, {
          state: "needs_attention",
          since: now,
          because: command.because,
          during: deployment.state.state === "cancelling" ? "cancelling" : "executing",
        }),
      ),
    ],
    history: [entry("restored", null, byRule(command.because))],
  });
}

/** What waits is cancelled; what runs goes on by its stored plan. */
export function gone(snapshot: Snapshot, now: Date): Outcome {
  const because = "the environment is not in the configuration any more";
  const waiting = snapshot.open.filter(
    (deployment) => deployment.state.state === "awaiting_approval" || deployment.state.state === "queued",
  );
  return decision({
    changes: waiting.map((deployment) => end(deployment, "cancelled", { now, because })),
    history: waiting.map((deployment) => entry("cancelled", deployment, byRule(because))),
  });
}
