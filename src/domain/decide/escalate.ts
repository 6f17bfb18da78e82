import { aftermathOf, type Aftermath } from "../aftermath.ts";
import type { Escalate } from "../escalate.ts";
import type { Deployment } from "../deployment.ts";
import { isFinal } from "../deployment.ts";
import type { Change, Decision, Effect, HistoryEntry, LiveHost, Snapshot } from "../environment.ts";
import { needOf, type Incident, type KnownIncident, type Need, type Troubled } from "../escalation.ts";
import type { DeploymentId } from "../ids.ts";
import { isNight, nextMorning } from "../next-morning.ts";
import type { PageCause, PageEvent } from "../page.ts";
import { shortSha } from "../ids.ts";
import { actorName } from "../people.ts";
import { callOnCall } from "../duty.ts";
import { pageOf, saidInThread } from "../page-words.ts";
import { overWords, troublesOf } from "../trouble-words.ts";
import { capitalised } from "../verdict/words.ts";
import { byRule, entry, note, verdictOf } from "./decision.ts";

type Added = { readonly changes: Change[]; readonly effects: Effect[]; readonly history: HistoryEntry[] };

/** What a decision means for people who sleep: whoever has to be woken is, in the same transaction, and whoever has not is not. */
export function escalated(snapshot: Snapshot, decision: Decision, now: Date): Decision {
  const { escalate } = snapshot.environment;
  // In a restored database nobody is called for the past.
  if (escalate === undefined || snapshot.heldBecause !== null) return decision;
  const after = afterwards(snapshot, decision.changes);
  const added: Added = { changes: [], effects: [], history: [] };
  for (const deployment of after.all) {
    if (deployment.kind !== "deploy") continue;
    const known = after.incidents.get(deployment.id) ?? quiet(deployment.id);
    if (isFinal(deployment.state) && known.since === null && known.noteAt === null && !after.moved.has(deployment.id)) continue;
    settle(snapshot, { escalate, known, after, deployment, now }, added);
  }
  return {
    ...decision,
    changes: [...decision.changes, ...added.changes],
    effects: [...decision.effects, ...added.effects],
    history: [...decision.history, ...added.history],
  };
}

type Case = {
  readonly escalate: Escalate;
  readonly known: KnownIncident;
  readonly after: Afterwards;
  readonly deployment: Deployment;
  readonly now: Date;
};

function settle(snapshot: Snapshot, one: Case, added: Added): void {
  const { known, now, escalate } = one;
  const troubled = troubledOf(one);
  const need = needOf(troubled, escalate.afterMs, now);
  const began = beganAt(known);
  let incident = storedOf(known);
  if (need.kind !== "over" && began === null) incident = { ...incident, since: now, noteAt: null };
  if (need.kind === "wait" && need.until !== null && began === null) added.effects.push({ kind: "recheck", at: need.until });
  const event = eventOf(known, need);
  if (event !== null)
    incident = told(snapshot, one, { incident, event, cause: causeOf(need, known), aftermath: aftermathKnown(troubled) }, added);
  if (need.kind === "over" && began !== null) {
    const atNight = event === null && isMended(troubled) && isNight(began, escalate.timezone);
    // What is told in the morning says when it began.
    incident = atNight ? { ...incident, noteAt: nextMorning(now, escalate.timezone) } : { ...incident, since: null };
    if (incident.noteAt !== null) added.effects.push({ kind: "recheck", at: incident.noteAt });
  }
  if (need.kind === "over" && known.noteAt !== null && known.noteAt <= now) {
    added.effects.push(morningNote(snapshot, one, troubled));
    incident = { ...incident, since: null, noteAt: null };
  }
  if (JSON.stringify(incident) !== JSON.stringify(storedOf(known))) added.changes.push({ kind: "incident", incident });
}

/** When the present trouble began; null: there is none, or it is over and waits to be told in the morning. */
function beganAt({ since, noteAt }: Incident): Date | null {
  return noteAt === null ? since : null;
}

/** What the pager is to hear now; null: nothing new. */
function eventOf(known: Incident, need: Need): PageEvent | null {
  const calling = known.told === "trigger" || known.told === "acknowledge";
  if (need.kind === "page") return !calling || known.cause !== need.cause ? "trigger" : null;
  if (need.kind === "taken") return known.told === "trigger" ? "acknowledge" : null;
  return need.kind === "over" && calling ? "resolve" : null;
}

function causeOf(need: Need, known: Incident): PageCause {
  return need.kind === "page" ? need.cause : (known.cause ?? "regression");
}

const HISTORY: Readonly<Record<PageEvent, string>> = { trigger: "paged", acknowledge: "page_acknowledged", resolve: "page_resolved" };

function told(
  snapshot: Snapshot,
  { deployment, escalate, now }: Case,
  {
    incident,
    event,
    cause,
    aftermath,
  }: { readonly incident: Incident; readonly event: PageEvent; readonly cause: PageCause; readonly aftermath: Aftermath | null },
  added: Added,
): Incident {
  const sequence = incident.calls + 1;
  const { environment } = snapshot;
  const page = pageOf(environment, deployment, { event, cause, since: incident.since ?? now, afterMs: escalate.afterMs, aftermath });
  added.changes.push({ kind: "page", call: { deployment: deployment.id, sequence, connection: escalate.to, page } });
  added.effects.push({ kind: "page", deployment: deployment.id, sequence });
  if (event === "trigger") added.effects.push(note(deployment, `paged:${sequence}`, saidInThread(cause, escalate)));
  added.history.push(entry(HISTORY[event], deployment, byRule(page.summary), { cause, pager: escalate.to }));
  return { ...incident, told: event, cause, calls: sequence };
}

/** Mended without anybody: what was cut short by a newer deployment was mended by whoever deployed that. */
function isMended({ deployment, rollback }: Troubled): boolean {
  if (rollback !== null) return rollback.liveAt !== null && rollback.automatic;
  const { state } = deployment;
  return state.state === "watching" || (isFinal(state) && state.by === null && state.state === "succeeded_unverified");
}

/** What is known by now of what a rollback had to end. Null: nothing went back. */
function aftermathKnown({ deployment, rollback, aftermath }: Troubled): Aftermath | null {
  return rollback === null || rollback.liveAt === null ? null : aftermathOf(deployment, aftermath, rollback.liveAt);
}

/** Nobody was woken; who comes to work knows what happened. */
function morningNote(snapshot: Snapshot, { known, deployment, now }: Case, troubled: Troubled): Effect {
  const { environment } = snapshot;
  const { rollback } = troubled;
  const began = (known.since ?? now).toISOString();
  const verdict = verdictOf(deployment);
  // Of a verdict that says that all is well by now the trouble is not known any more.
  const over = overWords(aftermathKnown(troubled)?.over ?? (verdict === null ? [] : troublesOf(verdict)));
  const how =
    rollback === null
      ? `${capitalised(over)}, without a rollback.`
      : `${actorName(rollback.requestedBy)} rolled back to ${shortSha(rollback.revision)}, and ${over}.`;
  return note(
    deployment,
    `morning:${began}`,
    `While you slept: a regression in ${environment.app}, ${environment.name}, ${began}. ${how} Nobody was woken.`,
    { kind: "ping", ...callOnCall(environment) },
  );
}

type Afterwards = {
  readonly all: readonly Deployment[];
  readonly live: readonly LiveHost[];
  readonly incidents: ReadonlyMap<DeploymentId, KnownIncident>;
  readonly moved: ReadonlySet<DeploymentId>;
};

/** The environment as it is once these changes are written. */
function afterwards(snapshot: Snapshot, changes: readonly Change[]): Afterwards {
  const all = new Map([...snapshot.past.toReversed(), ...snapshot.open].map((deployment) => [deployment.id, deployment]));
  const live = new Map(snapshot.live.map((host) => [host.host, host]));
  const incidents = new Map((snapshot.incidents ?? []).map((incident) => [incident.deployment, incident]));
  const moved = new Set<DeploymentId>();
  for (const change of changes) {
    if (change.kind === "insert") all.set(change.deployment.id, change.deployment);
    if (change.kind === "live") for (const host of change.hosts) live.set(host.host, host);
    if (change.kind === "on_it") incidents.set(change.id, { ...(incidents.get(change.id) ?? quiet(change.id)), onIt: change.by });
    if (change.kind === "alarm_word")
      incidents.set(change.id, { ...(incidents.get(change.id) ?? quiet(change.id)), isFalse: !change.word.isReal });
    if (change.kind !== "move") continue;
    const before = all.get(change.id);
    if (before !== undefined) all.set(change.id, { ...before, ...change.set, state: change.state });
    moved.add(before?.rollsBack ?? change.id).add(change.id);
  }
  return { all: [...all.values()], live: [...live.values()], incidents, moved };
}

function troubledOf({ deployment, known, after, now }: Case): Troubled {
  const newer = after.all.some((one) => one.kind === "deploy" && one.number > deployment.number && one.startedAt !== null);
  return {
    deployment,
    rollback: after.all.findLast((one) => one.rollsBack === deployment.id) ?? null,
    onIt: known.onIt,
    isFalse: known.isFalse,
    aftermath: known.aftermath,
    since: beganAt(known) ?? now,
    inPlace: !newer && after.live.some((host) => host.deploymentId === deployment.id),
  };
}

function quiet(deployment: DeploymentId): KnownIncident {
  return { deployment, since: null, told: null, cause: null, calls: 0, noteAt: null, onIt: null, isFalse: false, aftermath: [] };
}

function storedOf({ deployment, since, told: last, cause, calls, noteAt }: Incident): Incident {
  return { deployment, since, told: last, cause, calls, noteAt };
}
