import { authorize, dutyWords } from "../authorize.ts";
import type { Blocker, Deployment } from "../deployment.ts";
import type { Change, CommandOf, Effect, Snapshot } from "../environment.ts";
import type { Lock, Standing } from "../standing.ts";
import { lockOn } from "../gate.ts";
import { actorKey, actorName, type Actor } from "../people.ts";
import { decision, entry, reasonOf, refused, type Outcome } from "./decision.ts";
import { privately } from "./privately.ts";
import { notAllowed } from "./refusals.ts";
import { tooLong } from "./until.ts";

const MINUTE_MS = 60_000;
/** The owner is told this long before a lock ends, and in its last quarter if it is a short one. */
const NUDGE_BEFORE_MS = 15 * MINUTE_MS;

/** A person holds the environment; locks set by people always expire. */
export function lock(snapshot: Snapshot, command: CommandOf<"lock">, now: Date): Outcome {
  const may = authorize("lock", command.standing, snapshot.environment, null);
  if (may !== null) return notAllowed("locked", may, snapshot);
  const { actor } = command.standing;
  const held = lockOn(snapshot, now);
  if (held !== null && actorKey(held.owner) !== actorKey(actor))
    return refused(`Not locked: ${actorName(held.owner)} holds it already: ${held.reason}`, [heldBy(held)], {
      change: `It ends at ${held.until.toISOString()}. Ask them to unlock it.`,
      askUnlock: snapshot.environment,
    });
  const wrong = tooLong(command.until, now);
  if (wrong !== null) return refused(`Not locked: ${wrong}`);
  const taken: Lock = { owner: actor, reason: command.reason, since: now, until: command.until };
  return decision({
    changes: [{ kind: "lock", lock: taken }],
    effects: [
      { kind: "recheck", at: null },
      { kind: "recheck", at: nudgeAt(taken) },
      { kind: "recheck", at: command.until },
    ],
    history: [entry("locked", null, actor, { reason: command.reason, until: command.until.toISOString() })],
    answer: `${snapshot.environment.name} of ${snapshot.environment.app} is yours until ${command.until.toISOString()}. Nothing of others is deployed there until you unlock it or the time is over; a rollback still is.`,
  });
}

/** Ends a lock, or the hold after a restore: by its owner, by who may approve or is on call, or on the bot's machine. */
export function unlock(snapshot: Snapshot, command: CommandOf<"unlock">, now: Date): Outcome {
  if (snapshot.heldBecause !== null) return releaseHold(snapshot, command);
  const held = lockOn(snapshot, now);
  if (held === null) return refused("Nothing to unlock: nobody holds it.");
  const { standing } = command;
  const may = authorize("unlock", standing, snapshot.environment, null);
  if (may !== null) return notAllowed("unlocked", may, snapshot);
  const { actor } = standing;
  const own = actorKey(held.owner) === actorKey(actor);
  if (!mayEnd(held, standing))
    return refused(`Not unlocked: ${actorName(held.owner)} holds it: ${held.reason}`, [heldBy(held)], {
      who: actorName(held.owner),
      change: `Ask them, or somebody who may approve or is on call here.${dutyWords(standing)}`,
      askUnlock: snapshot.environment,
    });
  const why = command.reason === undefined ? "" : `: ${command.reason}`;
  return decision({
    changes: [{ kind: "lock", lock: null }],
    effects: [
      { kind: "recheck", at: null },
      ...(own
        ? []
        : privately(held.owner, {
            snapshot,
            deployment: null,
            key: `unlocked:${held.since.toISOString()}:${snapshot.environment.id}`,
            text: `${actorName(actor)} took off your lock of ${snapshot.environment.id} (${held.reason})${why}.`,
          })),
    ],
    history: [entry("unlocked", null, actor, { ...(own ? {} : { lockOf: actorKey(held.owner) }), ...reasonOf(command) })],
    answer: own ? "Unlocked." : `Unlocked. ${actorName(held.owner)} ${held.owner.kind === "slack" ? "is told" : "held it"}.`,
  });
}

/** Its owner, who may approve or is on call there, and the operator end a lock; others may ask its owner. */
export function mayEnd(held: Lock, standing: Standing): boolean {
  const { actor } = standing;
  return actorKey(held.owner) === actorKey(actor) || actor.kind === "cli" || standing.approver || standing.onCall;
}

/** Who waits asks the owner, privately and once for each lock. */
export function askUnlock(snapshot: Snapshot, command: CommandOf<"ask_unlock">, now: Date): Outcome {
  const may = authorize("ask_unlock", command.standing, snapshot.environment, null);
  if (may !== null) return notAllowed("asked", may, snapshot);
  const held = lockOn(snapshot, now);
  const { id } = snapshot.environment;
  if (held === null) return refused(`Nobody to ask: nobody holds ${id} any more.`);
  const { actor } = command.standing;
  const owner = actorName(held.owner);
  if (actorKey(held.owner) === actorKey(actor)) return refused(`Nobody to ask: you hold ${id} yourself.`, [], { change: "Unlock it." });
  if (held.owner.kind !== "slack")
    return refused(`Not asked: ${owner} locked it on the bot's machine, where no message reaches them.`, [heldBy(held)], {
      change: "Somebody who may approve or is on call here can unlock it.",
    });
  if (command.asked)
    return decision({ answer: `You have asked ${owner} already; they were told. The lock ends at ${held.until.toISOString()}.` });
  const waiting = behind(snapshot, held);
  return decision({
    effects: privately(held.owner, {
      snapshot,
      deployment: waiting[0]?.id ?? null,
      key: askKey(snapshot, held, actor),
      text: `${actorName(actor)} asks you to unlock ${id}${waiting.length === 0 ? "" : `: ${waitWords(waiting)} behind your lock`} (${held.reason}, until ${held.until.toISOString()}). \`${snapshot.command} unlock ${snapshot.environment.app} ${snapshot.environment.name}\` lets it go.`,
    }),
    history: [entry("asked_to_unlock", waiting[0] ?? null, actor, { lockOf: actorKey(held.owner), reason: held.reason })],
    answer: `${owner} is told that you ask, and what waits. The lock ends by itself at ${held.until.toISOString()}.`,
  });
}

/** What one person's question about one lock is told under: at most once. */
export function askKey(snapshot: Pick<Snapshot, "environment">, held: Lock, asker: Actor): string {
  return `ask:unlock:${snapshot.environment.id}:${held.since.toISOString()}:${actorKey(asker)}`;
}

/** The owner is told that the lock is about to end, once. */
export function nudge(snapshot: Snapshot, now: Date): { readonly changes: readonly Change[]; readonly effects: readonly Effect[] } {
  const held = lockOn(snapshot, now);
  if (held === null || held.nudgedAt !== undefined || nudgeAt(held) > now) return { changes: [], effects: [] };
  const { command, environment } = snapshot;
  const { id, app, name } = environment;
  const waiting = behind(snapshot, held);
  const waits = waiting.length === 0 ? "Nothing waits behind it." : `${waitWords(waiting)} behind it.`;
  return {
    changes: [{ kind: "lock", lock: { ...held, until: snapshot.lock?.until ?? held.until, nudgedAt: now } }],
    effects: privately(held.owner, {
      snapshot,
      deployment: null,
      key: `lock-ends:${id}:${held.since.toISOString()}`,
      text: `Your lock of ${id} (${held.reason}) ends at ${held.until.toISOString()}. ${waits} \`${command} lock ${app} ${name} ${held.reason} for 1h\` keeps it, \`${command} unlock ${app} ${name}\` ends it now.`,
    }),
  };
}

/** A deployment has begun to wait behind somebody's lock: its owner is told, once for each. */
export function waitsBehind(snapshot: Snapshot, deployment: Deployment, blockers: readonly Blocker[], now: Date): readonly Effect[] {
  const held = lockOn(snapshot, now);
  if (held === null || !blockers.some((blocker) => blocker.rule === "lock")) return [];
  const asker = deployment.requestedBy.kind === "greenlight" ? "" : `, asked for by ${actorName(deployment.requestedBy)},`;
  return privately(held.owner, {
    snapshot,
    deployment: deployment.id,
    key: `waits:${deployment.id}:${held.since.toISOString()}`,
    text: `#${deployment.number}${asker} waits behind your lock of ${snapshot.environment.id} (${held.reason}, until ${held.until.toISOString()}).`,
  });
}

function nudgeAt(held: Lock): Date {
  const quarter = (held.until.getTime() - held.since.getTime()) / 4;
  return new Date(held.until.getTime() - Math.min(NUDGE_BEFORE_MS, quarter));
}

function behind(snapshot: Snapshot, held: Lock): readonly Deployment[] {
  return snapshot.open.filter(
    ({ state, kind, requestedBy }) => state.state === "queued" && kind === "deploy" && actorKey(requestedBy) !== actorKey(held.owner),
  );
}

/** "#812 and #813 wait". */
function waitWords(waiting: readonly Deployment[]): string {
  const names = waiting.map(({ number }) => `#${number}`);
  return names.length === 1 ? `${names[0] ?? ""} waits` : `${names.slice(0, -1).join(", ")} and ${names.at(-1) ?? ""} wait`;
}

function heldBy(held: Lock): Blocker {
  return { rule: "lock", text: `${actorName(held.owner)} holds it: ${held.reason}`, owner: actorName(held.owner), liftsAt: held.until };
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
