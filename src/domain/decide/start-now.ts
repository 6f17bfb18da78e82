import { authorize } from "../authorize.ts";
import type { CommandOf, Effect, Snapshot } from "../environment.ts";
import { gate, recheckAt, validApprovals, yesExpiry } from "../gate.ts";
import { actorKey, actorName, type Actor } from "../people.ts";
import type { Approval } from "../standing.ts";
import { decision, entry, find, move, note, refused, whatHappened, type Outcome } from "./decision.ts";
import { notAllowed, unknown } from "./refusals.ts";

/**
 * What was approved for later starts as soon as it may: whoever may say yes says so. The yeses are those that were given; whoever chose
 * the later time is told. Everything else that stands in the way still does.
 */
export function startNow(snapshot: Snapshot, command: CommandOf<"start_now">, now: Date): Outcome {
  const deployment = find(snapshot, command.deployment);
  if (deployment === undefined) return unknown();
  const { standing } = command;
  const may = authorize("start_now", standing, snapshot.environment, deployment);
  if (may !== null) return notAllowed("started", may, snapshot, command.approverNames);
  if (deployment.state.state !== "queued") return refused(`Not started: #${deployment.number} is past that. ${whatHappened(deployment)}`);
  const later = validApprovals(snapshot, deployment, now).filter((yes) => isLater(yes, now));
  if (later.length === 0)
    return refused(`Not started: #${deployment.number} waits for no time that somebody chose.`, gate(snapshot, deployment, now));
  const { actor } = standing;
  const sooner = later.map((yes) => ({ ...yes, notBefore: now }));
  const kept = snapshot.approvals.filter((yes) => !later.includes(yes));
  const blockers = gate({ ...snapshot, approvals: [...kept, ...sooner] }, deployment, now);
  const first = later.map((yes) => yes.notBefore?.toISOString() ?? "").toSorted();
  const instead = first.at(-1) ?? "";
  return decision({
    changes: [
      ...sooner.map((approval) => ({ kind: "approve" as const, approval })),
      move(deployment, { ...deployment.state, blockers, recheckAt: recheckAt(blockers) }),
    ],
    effects: [
      { kind: "recheck", at: null },
      ...sooner.flatMap((yes) => {
        const at = yesExpiry(snapshot, yes, now);
        return at === null ? [] : [{ kind: "recheck" as const, at }];
      }),
      note(deployment, `sooner:${instead}`, `${actorName(actor)} starts it now, not at ${instead}.`),
      ...toldToOthers(snapshot, later, { by: actor, deployment: deployment.id }),
    ],
    history: [entry("start_now", deployment, actor, { instead })],
    answer:
      blockers.length === 0
        ? `Deploying to ${snapshot.environment.name} now. The card shows how it goes.`
        : `It does not wait for its time any more. It starts as soon as it may: ${blockers.map((blocker) => blocker.text).join(" ")}`,
  });
}

function isLater({ notBefore }: Approval, now: Date): boolean {
  return notBefore !== null && notBefore !== undefined && notBefore > now;
}

/** Whoever chose another time learns that it is not waited for. */
function toldToOthers(
  snapshot: Snapshot,
  later: readonly Approval[],
  { by, deployment }: { readonly by: Actor; readonly deployment: Approval["deploymentId"] },
): readonly Effect[] {
  const name = `${snapshot.environment.app} to ${snapshot.environment.name}`;
  return later.flatMap(({ actor, notBefore }) =>
    actor.kind !== "slack" || actorKey(actor) === actorKey(by) || notBefore === null || notBefore === undefined
      ? []
      : [
          {
            kind: "notice" as const,
            deployment,
            app: snapshot.environment.app,
            to: actor.id,
            key: `sooner:${deployment}:${notBefore.toISOString()}`,
            text: `${actorName(by)} starts ${name} now. You said yes for ${notBefore.toISOString()}.`,
          },
        ],
  );
}
