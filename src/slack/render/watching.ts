import type { DeploymentCard } from "../../domain/card.ts";
import { shortSha } from "../../domain/ids.ts";
import type { CountdownHeld, DeploymentState } from "../../domain/deployment.ts";
import type { Verdict } from "../../domain/measurement.ts";
import { toldRegression } from "../../domain/told-regression.ts";
import { overWords, troublesOf, troubleWords } from "../../domain/trouble-words.ts";
import { foreign, link } from "../escape.ts";
import { LIMITS } from "../limits.ts";
import { clock, duration, left, spoken } from "../words.ts";
import { keepButton, onItButton, openSentry, openShop, rollBackAskButton, rollBackButton, stopCountdownButton } from "./buttons.ts";
import { byHandLine } from "./database.ts";
import type { Drawing, RenderContext } from "./drawing.ts";
import { errorsLine, likelyFrom, newErrorLine, sinceLine, siteLine, stillHappening } from "./figures.ts";
import { approvedBy, changesLine, code, hostNames, names, onItLine, sentence, title, troubleLine, undoLine, who } from "./parts.ts";
import { version, versionOf } from "./version.ts";

type Watching = Extract<DeploymentState, { readonly state: "watching" }>;
type Countdown = Extract<DeploymentState, { readonly state: "countdown" }>;

export function drawWatching(card: DeploymentCard, state: Watching, context: RenderContext): Drawing {
  const verdict = toldRegression(card.deployment);
  return verdict === null ? drawLive(card, state, context) : drawRegression(card, { ...state, verdict }, context);
}

/** Never "healthy" before the watch has ended, and never "no problem" when nothing was measured (invariant 10). */
function drawLive(card: DeploymentCard, state: Watching, context: RenderContext): Drawing {
  const { deployment } = card;
  const { verdict } = state;
  const since = deployment.liveAt === null ? "Live" : `Live since ${clock(deployment.liveAt, context.now)}`;
  const blind = verdict?.kind === "blind" || (verdict !== null && card.latest.isBlind && verdict.kind !== "healthy");
  const shadowed = verdict?.kind === "regressed";
  const found = blind
    ? "but nothing can be measured"
    : verdict?.kind === "regressed"
      ? (verdict.ongoing ? troubleWords : overWords)(troublesOf(verdict))
      : verdict === null
        ? "not measured yet"
        : "no problem seen so far";
  return {
    title: title("Live", names(card), "in"),
    tone: blind || shadowed || card.latest.gap !== null ? "double_vertical_bar" : "large_green_circle",
    fact: `${since}, ${found}.`,
    next: `Watching until ${clock(state.until, context.now)}, ${left(state.until, context.now)} to go.`,
    body: [
      {
        kind: "lines",
        lines: [
          blind || shadowed
            ? `:warning: ${sentence(verdict?.why ?? "")}${shadowed ? " Only recorded: rolling back is not offered here." : ""}`
            : null,
          ...(verdict === null || blind ? [] : figureLines(card, verdict, context)),
          card.latest.gap === null ? null : `:warning: *Last look:* ${sentence(card.latest.gap)}`,
          changesLine(deployment.changes),
          troubleLine(card),
        ],
      },
    ],
    detail: [liveDetail(card, context), wayBackWords(card)],
    buttons: [openShop(card), openSentry(card), rollBackAskButton(card)],
    blockId: `act:${deployment.id}:${deployment.counter}`,
  };
}

function figureLines(card: DeploymentCard, verdict: Verdict, context: RenderContext): readonly (string | null)[] {
  const { figures } = verdict;
  const last = figures.lastEventAt ?? card.latest.errorsAt;
  return [
    errorsLine(figures),
    figures.errorsAfter === null ? null : figures.newIssues.length === 0 ? "*New kinds of error:* none" : newErrorLine(figures),
    siteLine(figures),
    last === null ? null : `*Sentry:* the last event of this version came ${duration(context.now.getTime() - last.getTime())} ago`,
  ];
}

function drawRegression(card: DeploymentCard, state: Watching & { readonly verdict: Verdict }, context: RenderContext): Drawing {
  const { deployment } = card;
  const kept = state.keptBy === null ? null : `${who(state.keptBy)} keeps it for now.`;
  const [back, sentry] = [rollBackButton(card), openSentry(card)];
  return {
    title: title("Regression seen", names(card), "in"),
    tone: "red_circle",
    fact: stillHappening(state.verdict),
    next: kept ?? waits(card, state),
    body: [{ kind: "lines", lines: harmLines(card, state.verdict, context) }],
    detail: [liveDetail(card, context), backTo(card, context), `Watching until ${clock(state.until, context.now)}.`],
    // Slack refuses a row that holds one action twice.
    buttons: [back ?? sentry, onItButton(card), state.keptBy === null ? keepButton(card) : back === null ? null : sentry],
    blockId: `act:${deployment.id}:${deployment.counter}`,
  };
}

const HELD = {
  unseen: "Nobody could see the countdown, so it was stopped.",
  not_configured: "The configuration left the environment out, so the countdown was stopped.",
} as const satisfies Record<CountdownHeld, string>;

function waits(card: DeploymentCard, state: Watching & { readonly verdict: Verdict }): string {
  if (card.wayBack === null) return "There is no earlier version to go back to.";
  if (state.noSecondCountdown)
    return `${state.countdownHeld === undefined ? "The countdown was stopped." : HELD[state.countdownHeld]} Greenlight waits for you.`;
  // By the plan, as it is decided: the configuration may have been changed since.
  if (card.deployment.plan.watch?.onRegression === "rollback") return byItselfNot(card, state);
  return "Greenlight waits for you, it does not roll back by itself here.";
}

/** Rolling back by itself is wanted here, and yet it waits for a person. */
function byItselfNot({ undo, spent }: DeploymentCard, { verdict }: { readonly verdict: Verdict }): string {
  const wait = "Greenlight waits for you,";
  if (!verdict.ongoing) return `${wait} it rolls back by itself only while it goes on.`;
  if (verdict.level !== "act")
    return `${wait} it is not sure enough to roll back by itself${verdict.lacks === undefined ? "" : `: ${verdict.lacks}`}.`;
  if (undo.kind !== "yes") return `${wait} by itself it rolls back only what is safe to undo.`;
  return spent === undefined
    ? "Greenlight waits for you."
    : `${wait} it has rolled back by itself here less than six hours ago (#${spent}).`;
}

export function drawCountdown(card: DeploymentCard, state: Countdown, context: RenderContext): Drawing {
  const { deployment } = card;
  const back = card.wayBack === null ? "Back" : `Back to ${code(card.wayBack.revision)}`;
  const at = spoken(state.rollBackAt, context.now, context.timezone, true);
  return {
    title: title(`Rolling back at ${at}`, names(card), "in"),
    tone: "red_circle",
    fact: stillHappening(state.verdict),
    next: `${back} in ${left(state.rollBackAt, context.now)}, at ${clock(state.rollBackAt, context.now, true)}, unless the errors end or somebody stops it.`,
    body: [{ kind: "lines", lines: harmLines(card, state.verdict, context) }],
    detail: [liveDetail(card, context), backTo(card, context)],
    buttons: [rollBackButton(card, "Roll back now"), stopCountdownButton(card), onItButton(card)],
    blockId: `act:${deployment.id}:${deployment.counter}`,
  };
}

function harmLines(card: DeploymentCard, verdict: Verdict, context: RenderContext): readonly (string | null)[] {
  return [
    sinceLine(card, verdict, context),
    newErrorLine(verdict.figures),
    likelyFrom(card, verdict.figures),
    verdict.figures.siteUp === false ? "*Site:* does not answer" : siteLine(verdict.figures),
    byHandLine(card),
    undoLine(card).replace("Safe to undo", "Roll back").replace("* yes.", "* safe."),
    onItLine(card, context),
    troubleLine(card),
  ];
}

function liveDetail(card: DeploymentCard, context: RenderContext): string {
  const { deployment } = card;
  const since = deployment.liveAt === null ? "" : `, live since ${clock(deployment.liveAt, context.now)}`;
  const took =
    deployment.startedAt === null || deployment.liveAt === null
      ? ""
      : `, deployed in ${duration(deployment.liveAt.getTime() - deployment.startedAt.getTime())}`;
  return `${version(versionOf(deployment))} on ${hostNames(card)}${since}${took}. ${approvedBy(card, context)}`;
}

function wayBackWords(card: DeploymentCard): string {
  if (card.wayBack === null) return "There is no earlier version to go back to.";
  return `The way back is ${version(card.wayBack)}, ${WAY_BACK[card.undo.kind]}.`;
}

const WAY_BACK = {
  yes: "safe to take",
  code_only: "code only",
  no: "not safe to take",
  unknown: "nobody knows whether it is safe",
} as const;

function backTo(card: DeploymentCard, context: RenderContext): string | null {
  const back = card.wayBack;
  if (back === null) return null;
  const good = back.healthySince === null ? "never verified here" : `healthy here from ${clock(back.healthySince, context.now)}`;
  const what = back.title === null ? "" : ` (${foreign(back.title, LIMITS.changeTitle)})`;
  return `Back to ${link(null, `\`${shortSha(back.revision)}\``)}${what}, ${good}.`;
}
