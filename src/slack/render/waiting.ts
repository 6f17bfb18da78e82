import type { DeploymentCard } from "../../domain/card.ts";
import type { DeploymentState } from "../../domain/deployment.ts";
import { isSeenToPass } from "../../domain/proof.ts";
import { namesNoRevision } from "../../domain/recipe/unbound.ts";
import { stageOf, type Requirement } from "../../domain/requirement.ts";
import { foreign } from "../escape.ts";
import { LIMITS } from "../limits.ts";
import { about, clock, count, list, spoken } from "../words.ts";
import { approvalMenu, laterButton } from "./approval-buttons.ts";
import { approveButton, rejectButton } from "./buttons.ts";
import { backupLine, databaseLine } from "./database.ts";
import type { BodyPart, Drawing, RenderContext } from "./drawing.ts";
import { differingLine } from "./host-lines.ts";
import { newerLine, openLabel, validatedLine } from "./look.ts";
import { closingLine } from "./queued.ts";
import { changeCount, changesList, names, paceLine, saidYes, sentence, title, troubleLine, UNDO_WORDS, undoLine } from "./parts.ts";
import { replaces } from "./version.ts";
import { testFigures, unaskedLine } from "./tests.ts";
import { excluded, nobodyLeft, standIns, unmapped } from "./yeses.ts";

type Awaiting = Extract<DeploymentState, { readonly state: "awaiting_approval" }>;

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
  const first = deployment.from === null;
  const what = changeCount(deployment.changes, { first });
  const subject = number === 0 ? "this version waits" : `${what} ${first || number === 1 ? "waits" : "wait"}`;
  return {
    title: title("Approval needed", names(card), "to"),
    tone: "double_vertical_bar",
    fact: `Ready: ${subject} for ${yes}`,
    next: `from ${approvers}, until ${clock(state.expiresAt, context.now)}.${state.voided === null ? "" : ` ${sentence(state.voided)}`}`,
    lead: `${capital(what)}, safe to undo: ${UNDO_WORDS[card.undo.kind][1]}, until ${spoken(state.expiresAt, context.now, context.timezone)}. ${capital(yes)} from ${approvers} ${missing === 1 ? "is" : "are"} needed.`,
    body: [
      withLook(card),
      {
        kind: "lines",
        lines: [
          card.validation === null ? null : validatedLine(card.validation, context),
          testsLine(card),
          undoLine(card),
          databaseLine(card),
          backupLine(card),
          visitorsLine(card),
          versionLine(card),
          nobodyLeft(card),
          differingLine(card),
          newerLine(card, context),
          closingLine(card, context),
          troubleLine(card),
        ],
      },
    ],
    detail: [
      readyWords(card),
      card.run === null ? null : unaskedLine(card.run),
      replaces(card, context),
      paceLine(deployment.changes, card.live, context.now),
      excluded(card),
      saidYes(card),
      standIns(card, context),
      unmapped(card),
    ],
    buttons: [approveButton(card), laterButton(card), rejectButton(card), approvalMenu(card)],
    blockId: `act:${deployment.id}:${deployment.counter}`,
  };
}

function readyWords(card: DeploymentCard): string | null {
  const name = foreign(card.environment.name, LIMITS.name);
  return card.ready === true ? `${capital(name)}-ready: all that ${name} requires is met.` : null;
}

/** Only stages that the environment requires are claimed, and only when each of them passed. */
function testsLine(card: DeploymentCard): string | null {
  const required = card.environment.requires;
  if (required.length === 0) return ":white_circle: *Tests:* none are required here";
  if (card.run === null) return ":white_circle: *Tests:* no pipeline is known for this version";
  const { run } = card;
  const missing = required.filter((requirement) => !isSeenToPass(requirement, run));
  if (missing.length > 0) return `:warning: *Tests:* not seen to pass: ${list(missing.map(shortStage))}`;
  const stages = required.length > 4 ? `all ${required.length} required stages` : list(required.map(shortStage), 4);
  const figures = testFigures(run);
  return `:white_check_mark: *Tests:* ${stages} passed${figures === null ? "" : `; ${figures}`}`;
}

function shortStage(requirement: Requirement): string {
  return foreign(stageOf(requirement), LIMITS.name);
}

/** Where the team's own commands may bring something else than what a yes is given for. */
function versionLine(card: DeploymentCard): string | null {
  if (!namesNoRevision(card.environment.target)) return null;
  return ":warning: *Version:* no command names {revision}: what is deployed may not be what you approve, and fails then";
}

/** What visitors notice of it, and how long it usually takes. */
function visitorsLine(card: DeploymentCard): string {
  if (card.deployment.plan.gate !== undefined) return ":grey_question: *Downtime:* as CI has it";
  const { plan } = card.deployment;
  const time = card.usualMs === null ? "not timed here yet" : `usually ${about(card.usualMs)}`;
  const { icon, words } = downtime(plan);
  return `:${icon}: *Downtime:* ${words}; ${time}`;
}

/** While some servers restart the others answer; how long a restart takes, nobody can tell before. */
function downtime({ target, roll, steps, hosts }: DeploymentCard["deployment"]["plan"]): { readonly icon: string; readonly words: string } {
  if (target === "fabric") return { icon: "grey_question", words: "as the fabfile has it" };
  const phases = new Map<number, Set<string>>();
  for (const step of steps) if (step.phase >= roll.firstPhase) phases.set(step.phase, (phases.get(step.phase) ?? new Set()).add(step.host));
  const most = Math.max(1, ...[...phases.values()].map((changing) => changing.size));
  if (most >= hosts.length) {
    return {
      icon: "warning",
      words: hosts.length === 1 ? "for a moment, its one server restarts" : `for a moment, all ${hosts.length} servers restart at once`,
    };
  }
  return {
    icon: "white_check_mark",
    words: `none expected, ${count(hosts.length, "server")} restarted ${most === 1 ? "one" : `up to ${most}`} at a time`,
  };
}

/** What changes, below where to look at it. */
function withLook(card: DeploymentCard): BodyPart {
  const shown = changesList(card.deployment.changes, null);
  return card.look === null || shown.kind !== "changes"
    ? shown
    : { ...shown, look: { words: openLabel(card.look.environment), url: card.look.url } };
}

function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
