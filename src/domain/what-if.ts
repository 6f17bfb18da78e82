import { whoApproves } from "./authorize.ts";
import { isOnItsWay } from "./companion.ts";
import type { Blocker, Deployment } from "./deployment.ts";
import type { Snapshot } from "./environment.ts";
import { alreadyLive, gate } from "./gate.ts";
import { lackWords, takesAway } from "./live-content.ts";
import { shortSha, type Sha } from "./ids.ts";

/** What asking for it would do: `asked`, somebody did already; `waits`, it starts by itself but not now; `refused`, it cannot be asked. */
export type WhatIf = {
  readonly doing: "starts" | "waits" | "asks" | "asked" | "refused";
  /** One true sentence about what the button does. */
  readonly effect: string;
  readonly warnings: readonly Blocker[];
};

/** Judged as the request itself would be, with the same snapshot and gate, for a deployment that nobody stores. */
export function whatIf(
  snapshot: Snapshot,
  draft: Deployment,
  found: { readonly missing: readonly Blocker[]; readonly containsBlocked: Sha | null; readonly now: Date },
): WhatIf {
  const live = alreadyLive(snapshot, draft.revision);
  const lacking = live === null ? takesAway(snapshot.environment, draft.changes) : null;
  const refusals = [
    ...(live === null ? [] : [live]),
    ...found.missing,
    ...(lacking === null ? [] : [lacking]),
    ...brings(found.containsBlocked),
  ];
  const known = new Set(refusals.map((blocker) => blocker.rule));
  // A yes is what is being asked for; what refuses the request is said once.
  const waits = gate(snapshot, draft, found.now).filter((blocker) => blocker.rule !== "approval" && !known.has(blocker.rule));
  const warnings = [...refusals, ...waits, ...older(snapshot, draft)];
  const open = askedAlready(snapshot, draft.revision);
  if (open !== null) return { doing: "asked", effect: openWords(open), warnings };
  if (refusals.length > 0) return { doing: "refused", effect: "It cannot be asked for as it is: see what is missing.", warnings };
  const first = waits[0];
  if (snapshot.environment.release.mode !== "approval")
    return first === undefined
      ? { doing: "starts", effect: "It starts at once.", warnings }
      : { doing: "waits", effect: `It waits, then starts by itself: ${first.text}`, warnings };
  const asks = `It asks for ${whoApproves(snapshot.environment)}.`;
  return { doing: "asks", effect: first === undefined ? asks : `${asks} After that it still waits: ${first.text}`, warnings };
}

/** The deployment that brings this revision there already, with what it comes with now; a second one would be refused. */
export function askedAlready(snapshot: Snapshot, revision: Sha): Deployment | null {
  const found = snapshot.open.find(
    (other) =>
      isOnItsWay(snapshot, other, revision) &&
      (other.state.state === "awaiting_approval" || other.state.state === "queued" || other.state.state === "executing"),
  );
  return found ?? null;
}

function openWords({ number, state }: Deployment): string {
  if (state.state === "awaiting_approval") return `It is already asked: see the card of #${number}.`;
  return state.state === "queued"
    ? `It is already on its way: #${number} waits its turn.`
    : `It is already on its way: #${number} is being deployed.`;
}

function brings(blocked: Sha | null): readonly Blocker[] {
  if (blocked === null) return [];
  const text = `It contains ${shortSha(blocked)}, which was rolled back here. Revert it, or press Allow again on that card.`;
  return [{ rule: "blocked_commit", text, owner: null, liftsAt: null }];
}

/** What does not forbid it, but whoever asks for it should know. */
function older(snapshot: Snapshot, draft: Deployment): readonly Blocker[] {
  const own = snapshot.candidates.find((candidate) => candidate.revision === draft.revision);
  const newest = snapshot.candidates.toSorted((a, b) => b.position - a.position)[0];
  const said: string[] = [];
  if (own !== undefined && newest !== undefined && newest.position > own.position)
    said.push(`A newer version has passed everything too: ${shortSha(newest.revision)}.`);
  const { changes } = draft;
  if (changes.behind > 0 && takesAway(snapshot.environment, changes) === null)
    said.push(`It lacks ${lackWords(changes)}. They would be gone.`);
  return said.map((text) => ({ rule: "requirements", text, owner: null, liftsAt: null }));
}
