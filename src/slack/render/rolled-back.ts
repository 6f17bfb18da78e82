import type { Button } from "@slack/types";
import { aftermathFact, unverifiedWords } from "../../domain/aftermath.ts";
import type { DeploymentCard } from "../../domain/card.ts";
import type { Deployment } from "../../domain/deployment.ts";
import { isFinal, isWatched } from "../../domain/deployment.ts";
import type { Verdict } from "../../domain/measurement.ts";
import { whetherWords } from "../../domain/trouble-words.ts";
import { escaped, foreign, link } from "../escape.ts";
import { LIMITS } from "../limits.ts";
import { changeTitle, clock, count, duration, progress } from "../words.ts";
import { attentionButtons } from "./attention-buttons.ts";
import { allowAgainButton, cancelButton, onItButton, openRevert, openRun, openSentry, rollBackButton, stopButton } from "./buttons.ts";
import { stepsBody, stepsFact } from "./deploying.ts";
import { rollbackWords } from "./database.ts";
import type { Drawing, RenderContext } from "./drawing.ts";
import { BLOCKED } from "./ended.ts";
import { stillHappening } from "./figures.ts";
import { differingLine, hostsLine } from "./host-lines.ts";
import { changeCount, code, hostNames, names, onItLine, sentence, title, troubleLine, who } from "./parts.ts";
import { version, versionOf } from "./version.ts";

type RollbackView = NonNullable<DeploymentCard["rollback"]>;

/** A rollback redraws the card of what it rolls back: on its way, done, or in trouble. */
export function drawRollback(card: DeploymentCard, rollback: RollbackView, context: RenderContext): Drawing {
  const { deployment } = rollback;
  if (isWatched(deployment.state) || deployment.state.state === "succeeded" || deployment.state.state === "succeeded_unverified") {
    return drawDone(card, rollback, context);
  }
  if (deployment.state.state === "needs_attention" || isFinal(deployment.state)) return drawTrouble(card, rollback, context);
  return drawOnItsWay(card, rollback, context);
}

function drawOnItsWay(card: DeploymentCard, rollback: RollbackView, context: RenderContext): Drawing {
  const { deployment } = rollback;
  const waiting = deployment.startedAt === null;
  const spent = progress(deployment.startedAt, card.usualMs, context.now);
  const verdict = verdictOf(card);
  const blocker = deployment.state.state === "queued" ? deployment.state.blockers[0] : undefined;
  return {
    title: title(waiting ? "Roll back is next" : "Rolling back", names(card), "in"),
    tone: "arrows_counterclockwise",
    fact: waiting ? sentence(blocker?.text ?? "It starts in a moment") : stepsFact(rollback.steps, deployment),
    next: `Back to ${code(deployment.revision)}${spent === null ? "." : `, ${spent}.`}`,
    body: [
      stepsBody(rollback.steps, deployment, context),
      { kind: "lines", lines: [verdict === null ? null : `*Why:* ${stillHappening(verdict)}`, onItLine(card, context), troubleLine(card)] },
    ],
    detail: [whatWasLive(card, context), askedWords(rollback), rollbackWords(deployment, "does")],
    buttons: [stopOf(card, deployment), openSentry(card), openRun(card)],
    blockId: `act:${deployment.id}:${deployment.counter}`,
  };
}

/** A rollback is cancelled while it waits and stopped while it runs, like everything else; stopped half-way it needs a person. */
function stopOf(card: DeploymentCard, rollback: Deployment): Button | null {
  const own = { ...card, deployment: rollback };
  if (rollback.state.state === "queued") return cancelButton(own);
  return rollback.state.state === "executing" ? stopButton(own) : null;
}

function drawDone(card: DeploymentCard, rollback: RollbackView, context: RenderContext): Drawing {
  const { deployment } = rollback;
  const since = deployment.liveAt === null ? "" : ` since ${clock(deployment.liveAt, context.now)}`;
  const again = `The earlier version ${version(versionOf(deployment))} is live again${since}.`;
  return {
    title: title("Rolled back", names(card), "in"),
    tone: inVain(rollback) ? "red_circle" : "white_check_mark",
    ...outcome(card, rollback, again, context),
    body: [
      {
        kind: "lines",
        lines: [
          happened(card, deployment),
          hasHelped(rollback) ? null : nowLine(rollback, context),
          byLine(rollback),
          differingLine(card),
          card.blocked ? BLOCKED : null,
          onItLine(card, context),
          troubleLine(card),
        ],
      },
    ],
    detail: [whatWasLive(card, context), "The whole story is in the thread."],
    buttons: [
      // What did not cause it need not be reverted.
      inVain(rollback) ? null : openRevert(card),
      openSentry(card),
      inVain(rollback) ? onItButton(card) : null,
      card.blocked ? allowAgainButton(card) : null,
    ],
    blockId: `act:${card.deployment.id}:${card.deployment.counter}`,
  };
}

/** Whether it helped comes first, and is not claimed before it was seen. */
function outcome(
  { deployment }: DeploymentCard,
  { aftermath }: RollbackView,
  again: string,
  context: RenderContext,
): { readonly fact: string; readonly next: string | null } {
  if (aftermath === null) return { fact: again, next: null };
  const fact = aftermathFact(aftermath);
  const unverified = unverifiedWords(deployment, aftermath);
  const rest = unverified === null ? again : `${unverified} ${again}`;
  if (fact !== null && aftermath.goesOn.length > 0) return { fact, next: `, so it was probably not this deployment. ${rest}` };
  if (aftermath.open.length > 0) {
    const looks = `Greenlight looks whether ${whetherWords(aftermath.open)}.`;
    // What is over is not held back by what takes longer to see.
    return fact === null ? { fact: again, next: looks } : { fact: `${fact}.`, next: `${again} ${looks}` };
  }
  if (fact === null) return { fact: again, next: unverified };
  const { lastErrorAt } = aftermath;
  const last = lastErrorAt === null ? null : `The last one came at ${clock(lastErrorAt, context.now, true)}`;
  return { fact: `${fact}.`, next: last === null ? rest : unverified === null ? `${last}; ${lower(again)}` : `${last}. ${rest}` };
}

/** All that could be measured again is over. */
function hasHelped({ aftermath }: RollbackView): boolean {
  return aftermath !== null && aftermath.over.length > 0 && aftermath.goesOn.length === 0 && aftermath.open.length === 0;
}

function inVain({ aftermath }: RollbackView): boolean {
  return aftermath !== null && aftermath.goesOn.length > 0;
}

function drawTrouble(card: DeploymentCard, rollback: RollbackView, context: RenderContext): Drawing {
  const { deployment } = rollback;
  const { state } = deployment;
  const because = "because" in state ? sentence(state.because) : "";
  const open = state.state === "needs_attention";
  const begun = deployment.startedAt !== null;
  return {
    title: title(open ? "Roll back stuck" : begun ? "Roll back failed" : "Roll back cancelled", names(card), "in"),
    tone: "red_circle",
    fact: because === "" ? "The roll back did not finish." : because,
    next: open
      ? "Servers may differ. A person has to look and say what is true."
      : begun
        ? "Servers may differ, look before anything else is deployed."
        : `Nothing was changed, ${code(card.deployment.revision)} is what runs.`,
    body: [
      ...(begun ? [stepsBody(rollback.steps, deployment, context)] : []),
      { kind: "lines", lines: [hostsLine(card), onItLine(card, context), card.blocked ? BLOCKED : null, troubleLine(card)] },
    ],
    detail: [whatWasLive(card, context), askedWords(rollback)],
    buttons: open
      ? attentionButtons(card, deployment)
      : [rollBackButton(card), openSentry(card), card.blocked ? allowAgainButton(card) : null],
    blockId: `act:${deployment.id}:${deployment.counter}`,
  };
}

function happened(card: DeploymentCard, rollback: Deployment): string {
  const { deployment } = card;
  const [only, second] = deployment.changes.changes;
  const what =
    only !== undefined && second === undefined
      ? `${link(only.url, escaped(changeTitle(only)))} (${foreign(only.author.name, LIMITS.name)})`
      : changeCount(deployment.changes);
  const live =
    deployment.liveAt === null || rollback.liveAt === null
      ? "was being deployed"
      : `was live for ${duration(rollback.liveAt.getTime() - deployment.liveAt.getTime())}`;
  const users = verdictOf(card)?.figures.usersHit ?? null;
  const harm = users === null ? "" : ` ${users === 0 ? "Nobody" : count(users, "person").replace("persons", "people")} saw an error.`;
  return `*What happened:* ${what} ${deployment.changes.changes.length > 1 ? live.replace(/^was/u, "were") : live}.${harm}`;
}

function nowLine({ aftermath }: RollbackView, context: RenderContext): string | null {
  const at = aftermath?.lastErrorAt ?? null;
  return at === null ? null : `*Now:* last error of this kind at ${clock(at, context.now, true)}`;
}

function byLine(rollback: RollbackView): string {
  const { deployment } = rollback;
  const took =
    deployment.startedAt === null || deployment.liveAt === null
      ? ""
      : `, in ${duration(deployment.liveAt.getTime() - deployment.startedAt.getTime())}`;
  const hosts = deployment.plan.hosts.length === 1 ? "one server" : count(deployment.plan.hosts.length, "server");
  return `*${rolledBackBy(rollback)}*${took}, on ${hosts}. ${rollbackWords(deployment, "did")}`;
}

/** Not before it has gone back: what is on its way, stuck or failed did not roll anything back yet. */
function askedWords({ deployment }: RollbackView): string {
  return deployment.automatic ? "Greenlight started the roll back." : `The roll back was asked for by ${who(deployment.requestedBy)}.`;
}

function rolledBackBy(rollback: RollbackView): string {
  return rollback.deployment.automatic ? "Rolled back by Greenlight" : `Rolled back by ${who(rollback.deployment.requestedBy)}`;
}

function whatWasLive(card: DeploymentCard, context: RenderContext): string {
  const { deployment } = card;
  if (deployment.liveAt === null) return `${code(deployment.revision)} on ${hostNames(card)}.`;
  return `${code(deployment.revision)} went live at ${clock(deployment.liveAt, context.now)} on ${hostNames(card)}.`;
}

function verdictOf(card: DeploymentCard): Verdict | null {
  const { state } = card.deployment;
  return "verdict" in state ? state.verdict : null;
}

function lower(words: string): string {
  return words.charAt(0).toLowerCase() + words.slice(1);
}
