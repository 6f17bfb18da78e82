import type { DeploymentCard } from "../../domain/card.ts";
import type { Blocker, DeploymentState } from "../../domain/deployment.ts";
import { namesNoRevision } from "../../domain/recipe/unbound.ts";
import { entities, foreign, plain } from "../escape.ts";
import { LIMITS } from "../limits.ts";
import { about, clock, count, list, spoken } from "../words.ts";
import { approveButton, cancelButton, openRun, rejectButton } from "./buttons.ts";
import { backupLine, databaseLine } from "./database.ts";
import type { Drawing, RenderContext } from "./drawing.ts";
import { differingLine } from "./host-lines.ts";
import {
  changeCount,
  changesLine,
  changesList,
  names,
  replaces,
  sentence,
  title,
  troubleLine,
  UNDO_WORDS,
  undoLine,
  who,
} from "./parts.ts";

type Awaiting = Extract<DeploymentState, { readonly state: "awaiting_approval" }>;
type Queued = Extract<DeploymentState, { readonly state: "queued" }>;

/** Five questions on one phone screen: what changes, was it tested, safe to undo, what visitors notice, who may say yes. */
export function drawApproval(card: DeploymentCard, state: Awaiting, context: RenderContext): Drawing {
  const { deployment } = card;
  const approvers =
    list(
      card.approvers.refs.map((ref) => foreign(ref, LIMITS.name)),
      3,
      "or",
    ) || "nobody";
  const missing = Math.max(1, card.required - card.approvals.length);
  const yes =
    missing === 1
      ? card.approvals.length === 0
        ? "one yes"
        : "one more yes"
      : `${missing} ${card.approvals.length === 0 ? "" : "more "}yeses`;
  const number = deployment.changes.changes.length;
  const subject = number === 0 ? "this version waits" : `${changeCount(deployment.changes)} ${number === 1 ? "waits" : "wait"}`;
  return {
    title: title("Approval needed", names(card), "to"),
    tone: "double_vertical_bar",
    fact: `Ready: ${subject} for ${yes}`,
    next: `from ${approvers}, until ${clock(state.expiresAt, context.now)}.${state.voided === null ? "" : ` ${sentence(state.voided)}`}`,
    lead: `${capital(changeCount(deployment.changes))}, safe to undo: ${UNDO_WORDS[card.undo.kind][1]}, until ${spoken(state.expiresAt, context.now, context.timezone)}. ${capital(yes)} from ${approvers} ${missing === 1 ? "is" : "are"} needed.`,
    body: [
      changesList(deployment.changes, null),
      {
        kind: "lines",
        lines: [
          undoLine(card),
          databaseLine(card),
          backupLine(card),
          versionLine(card),
          testsLine(card),
          visitorsLine(card),
          nobodyLeft(card),
          differingLine(card),
          troubleLine(card),
        ],
      },
    ],
    detail: [replaces(card, context), excluded(card), saidYes(card), unmapped(card)],
    buttons: [approveButton(card), rejectButton(card), openRun(card)],
    blockId: `act:${deployment.id}:${deployment.counter}`,
  };
}

export function drawQueued(card: DeploymentCard, state: Queued, context: RenderContext): Drawing {
  const { deployment } = card;
  const rollback = deployment.kind === "rollback";
  const first = state.blockers[0];
  const when =
    state.recheckAt === null
      ? "It starts by itself when nothing is in the way."
      : (first?.liftsAt ?? null) === null
        ? `Greenlight looks again at ${clock(state.recheckAt, context.now)}.`
        : "Then it goes on by itself.";
  return {
    title: title(rollback ? "Roll back waits" : "Waiting", names(card), rollback ? "in" : "to"),
    tone: "double_vertical_bar",
    fact: first === undefined ? "It is next and starts in a moment." : sentence(first.text),
    next: first === undefined ? null : `${lifting(first, context)}${when}`,
    body: [
      {
        kind: "lines",
        lines: [
          ...state.blockers.slice(1, 6).map((blocker) => blockerLine(blocker, context)),
          changesLine(deployment.changes),
          differingLine(card),
          troubleLine(card),
        ],
      },
    ],
    detail: [replaces(card, context), saidYes(card)],
    buttons: [cancelButton(card), openRun(card)],
    blockId: `act:${deployment.id}:${deployment.counter}`,
  };
}

/** What else is in the way, whose it is, and when it ends. */
function blockerLine(blocker: Blocker, context: RenderContext): string {
  return `:double_vertical_bar: ${sentence(blocker.text)} ${lifting(blocker, context)}`.trimEnd();
}

function lifting(blocker: Blocker, context: RenderContext): string {
  const owner = blocker.owner === null ? "" : `Ask ${foreign(blocker.owner, LIMITS.name)}. `;
  const lifts = blocker.liftsAt === null ? "" : `It ends at ${clock(blocker.liftsAt, context.now)}. `;
  return `${owner}${lifts}`;
}

/** Only stages that the environment requires are claimed, and only when each of them passed. */
function testsLine(card: DeploymentCard): string | null {
  const required = card.environment.requires;
  if (required.length === 0) return ":white_circle: *Tests:* none are required here";
  if (card.run === null) return ":white_circle: *Tests:* no pipeline is known for this version";
  const passed = new Set(
    card.run.workflows.flatMap((workflow) => workflow.jobs.filter((job) => job.status === "passed").map((job) => job.name)),
  );
  const missing = required.filter((stage) => !passed.has(stage));
  if (missing.length > 0) return `:warning: *Tests:* not seen to pass: ${list(missing.map((stage) => foreign(stage, LIMITS.name)))}`;
  const stages =
    required.length > 4
      ? `all ${required.length} required stages`
      : list(
          required.map((stage) => foreign(stage, LIMITS.name)),
          4,
        );
  return `:white_check_mark: *Tests:* ${stages} passed`;
}

/** Where the team's own commands may bring something else than what a yes is given for. */
function versionLine(card: DeploymentCard): string | null {
  if (!namesNoRevision(card.environment.target)) return null;
  return ":warning: *Version:* no command names {revision}: what is deployed may not be what you approve, and fails then";
}

function visitorsLine(card: DeploymentCard): string {
  const { plan } = card.deployment;
  const time = card.usualMs === null ? "not timed here yet" : `about ${about(card.usualMs)}`;
  const where = plan.hosts.length === 1 ? "on one server" : `${count(plan.hosts.length, "server")}, ${inTurns(plan)}`;
  return `:white_check_mark: *Takes:* ${time}, ${where}`;
}

function inTurns({ target, roll, steps }: DeploymentCard["deployment"]["plan"]): string {
  if (target === "fabric") return "changed by the fabfile";
  const phases = new Map<number, Set<string>>();
  for (const step of steps) if (step.phase >= roll.firstPhase) phases.set(step.phase, (phases.get(step.phase) ?? new Set()).add(step.host));
  const most = Math.max(1, ...[...phases.values()].map((hosts) => hosts.size));
  return `restarted ${most === 1 ? "one" : `up to ${most}`} at a time`;
}

function excluded(card: DeploymentCard): string | null {
  if (card.excluded.length === 0) return null;
  const known = new Map(
    card.deployment.changes.authors.flatMap((author) => (author.slackId === null ? [] : [[author.slackId, author.name] as const])),
  );
  const requester = card.deployment.requestedBy;
  if (requester.kind === "slack") known.set(requester.id, requester.name);
  const people = card.excluded.map((id) => known.get(id)).filter((name) => name !== undefined);
  if (people.length === 0) return "Its authors may not approve it.";
  return `${people.length === 1 ? "Its author" : "Its authors"}, ${list(people.map((name) => entities(plain(name, LIMITS.name))))}, may not approve it.`;
}

function unmapped(card: DeploymentCard): string | null {
  if (card.unmapped.length === 0) return null;
  return `Nobody in Slack is known for ${list(card.unmapped.map((name) => foreign(name, LIMITS.name)))}.`;
}

function nobodyLeft(card: DeploymentCard): string | null {
  const left = card.approvers.ids.filter((id) => !card.excluded.includes(id));
  if (left.length >= card.required - card.approvals.length) return null;
  return left.length === 0
    ? ":no_entry_sign: *Nobody is left who may say yes.* Add somebody to the approvers who did not write this."
    : `:warning: *Too few are left who may say yes:* ${left.length} of ${card.required}.`;
}

function saidYes(card: DeploymentCard): string | null {
  return card.approvals.length === 0 ? null : `${list(card.approvals.map((approval) => who(approval.actor)))} said yes.`;
}

function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
