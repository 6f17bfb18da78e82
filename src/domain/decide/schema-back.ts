import { backScope } from "../back-scope.ts";
import type { BackTo, ChangeSet, Deployment } from "../deployment.ts";
import { backOf, few, schemaUndoOf, sinceOf, undoOf, type Back, type Since } from "../django/back.ts";
import type { SchemaUndo } from "../django/commands.ts";
import type { Snapshot } from "../environment.ts";
import { actorName, type Actor } from "../people.ts";
import { refused, type Outcome } from "./decision.ts";

type Known = Pick<Snapshot, "open" | "past" | "live" | "blocked">;

/** What was done to the database since the revision that a rollback of this deployment goes back to; null: nobody can tell. */
function schemaSince(known: Known, deployment: Deployment, target: string): Since | null {
  const begun = [...known.open, ...known.past].filter((other) => other.startedAt !== null);
  const all = begun.some((other) => other.id === deployment.id) ? begun : [...begun, deployment];
  // By when they began: a number is given when somebody asks, and an earlier one may be approved after a later one went live.
  const newestFirst = all.toSorted((a, b) => (b.startedAt?.getTime() ?? 0) - (a.startedAt?.getTime() ?? 0) || b.number - a.number);
  return sinceOf(
    newestFirst.map((other) => ({ revision: other.revision, liveAt: other.liveAt, record: other.changes.migrations })),
    target,
  );
}

/** How this deployment goes back, to where it goes by default or to what a person chose; null: there is nowhere to go. */
export function wayOf(
  known: Known,
  deployment: Deployment,
  chosen: BackTo = {},
): { readonly back: Back; readonly since: Since | null } | null {
  const scope = backScope(known, deployment, undefined, chosen);
  if (scope === null) return null;
  const since = schemaSince(known, deployment, scope.to.revision);
  return { back: backOf(since), since };
}

/** Why a person may not take it back in that way; null: they may, or there is nowhere to go at all. */
export function refusedBack(snapshot: Snapshot, deployment: Deployment, schema: boolean, chosen: BackTo = {}): Outcome | null {
  const way = wayOf(snapshot, deployment, chosen);
  if (way === null) return null;
  const title = "Not rolled back. Nothing has changed.";
  const saved = deployment.plan.steps.some((step) => step.name === "backup") ? ["Look in the thread where its backup is."] : [];
  if (schema) {
    const undo = way.since === null ? null : schemaUndoOf(way.since);
    if (undo?.kind === "undo") return null;
    return byHand(title, undo?.because ?? "Nobody has read what was done to the database.", [...saved, ...(undo?.byHand ?? [])]);
  }
  if (way.back.kind === "code") return null;
  if (way.back.kind === "by_hand") return byHand(title, way.back.because, [...saved, ...way.back.byHand]);
  const change = `Roll back code and database: that undoes ${few(way.back.undo.names)}.`;
  return refused(title, [{ rule: "requirements", text: way.back.because, owner: null, liftsAt: null }], { change });
}

function byHand(title: string, because: string, steps: readonly string[]): Outcome {
  const change = steps.length === 0 ? null : `By hand, then deploy a good version or roll back again: ${steps.join(" ")}`;
  return refused(title, [{ rule: "requirements", text: because, owner: null, liftsAt: null }], { change });
}

/** What happens to the schema when it goes back; null: it does not go back in that way. A rule never touches the schema. */
export function schemaPart(
  snapshot: Snapshot,
  original: Deployment,
  input: { readonly target: string; readonly by: Actor; readonly schema: boolean },
): { readonly undo: SchemaUndo | null } | null {
  const since = schemaSince(snapshot, original, input.target);
  if (input.schema) {
    const undo = since === null || input.by.kind === "greenlight" ? null : schemaUndoOf(since);
    return undo?.kind === "undo" ? { undo: undo.undo } : null;
  }
  if (backOf(since).kind !== "code") return null;
  return input.by.kind === "greenlight" && undoOf(since?.migrations ?? null, "here").kind !== "yes" ? null : { undo: null };
}

/** Why it does not go back by itself although a rule wants it to; null: nothing speaks against it. */
export function whyNotByItself(snapshot: Snapshot, deployment: Deployment): string | null {
  const way = wayOf(snapshot, deployment);
  const undo = way === null ? null : undoOf(way.since?.migrations ?? null, "here");
  return undo === null || undo.kind === "yes" ? null : `It does not go back by itself: ${undo.because}`;
}

/** A rollback's own changes: the same commits, and nothing done to the database yet. */
export function changesBack(changes: ChangeSet): ChangeSet {
  return { ...changes, migrations: { pending: [], source: "", applied: [], doubtful: [], undone: [], leaves: null } };
}

/** What is gone then, for whoever asked for it. */
export function lossWords(snapshot: Snapshot, deployment: Deployment, chosen: BackTo = {}): string {
  const since = wayOf(snapshot, deployment, chosen)?.since ?? null;
  const undo = since === null ? null : schemaUndoOf(since);
  return undo?.kind !== "undo" || undo.loses.length === 0 ? "" : ` This goes: ${few(undo.loses, 5)}.`;
}

/** "Ann is rolling back ..., and takes the database back too". */
export function schemaWords(undo: SchemaUndo | null, by: Actor): string {
  return undo === null ? "" : ` ${actorName(by)} takes the database back too: ${few(undo.names, 6)}.`;
}
