import type { DeploymentCard } from "../../domain/card.ts";
import type { FinalName, FinalState } from "../../domain/deployment.ts";
import { clock, duration } from "../words.ts";
import {
  allowAgainButton,
  compareButton,
  onItButton,
  openRun,
  openSentry,
  openShop,
  rollBackAskButton,
  rollBackButton,
} from "./buttons.ts";
import { offerAgainButton } from "./approval-buttons.ts";
import { byHandLine } from "./database.ts";
import type { BodyPart, Drawing, RenderContext, Tone } from "./drawing.ts";
import { stepsBody } from "./deploying.ts";
import { errorsLine, newErrorLine, siteLine, stillHappening } from "./figures.ts";
import { differingLine, hostsLine } from "./host-lines.ts";
import {
  approvedBy,
  changesLine,
  changesList,
  code,
  hostNames,
  names,
  onItLine,
  sentence,
  title,
  troubleLine,
  undoLine,
  who,
} from "./parts.ts";
import { replaces, version, versionOf } from "./version.ts";

type Words = { readonly title: string; readonly way: "to" | "in"; readonly tone: Tone };

const WORDS: Readonly<Record<FinalName, Words>> = {
  succeeded: { title: "Healthy", way: "in", tone: "white_check_mark" },
  succeeded_unverified: { title: "Live, not verified", way: "in", tone: "double_vertical_bar" },
  regressed: { title: "Regression", way: "in", tone: "red_circle" },
  failed: { title: "Failed", way: "to", tone: "red_circle" },
  rejected: { title: "Rejected", way: "to", tone: "no_entry_sign" },
  expired: { title: "Expired", way: "to", tone: "white_circle" },
  superseded: { title: "Overtaken", way: "to", tone: "white_circle" },
  cancelled: { title: "Cancelled", way: "to", tone: "no_entry_sign" },
};

/** A deployment that has ended and was not rolled back. */
export function drawEnded(card: DeploymentCard, state: FinalState, context: RenderContext): Drawing {
  const { deployment } = card;
  const words = WORDS[state.state];
  const rollback = deployment.kind === "rollback";
  const back = rollback && (state.state === "succeeded" || state.state === "succeeded_unverified");
  return {
    title: title(
      back ? "Rolled back" : rollback ? `Roll back ${words.title.toLowerCase()}` : words.title,
      names(card),
      rollback ? "in" : words.way,
    ),
    tone: words.tone,
    ...lineOf(card, state, context),
    body: bodyOf(card, state, context),
    detail: detailOf(card, state, context),
    buttons: buttonsOf(card, state),
    blockId: `act:${deployment.id}:${deployment.counter}`,
  };
}

function lineOf(card: DeploymentCard, state: FinalState, context: RenderContext): { readonly fact: string; readonly next: string | null } {
  const { deployment } = card;
  const live = deployment.liveAt === null ? "Live" : `Live since ${clock(deployment.liveAt, context.now)}`;
  const by = state.by === null ? "" : ` by ${who(state.by)}`;
  const because = sentence(state.because);
  switch (state.state) {
    case "succeeded":
      return { fact: `${live}, and healthy.`, next: `The watch ended at ${clock(state.at, context.now)}. ${because}`.trim() };
    case "succeeded_unverified":
      return { fact: `${live}, but nobody verified it.`, next: because === "" ? "Nothing was measured." : because };
    case "regressed":
      return regressedLine(state, { live, because });
    case "failed":
      return { fact: because === "" ? "A step failed." : because, next: `${failedWhere(card)} ${undone(card)}`.trim() };
    case "rejected":
      return { fact: `Rejected${by}.`, next: `${because} Nothing has changed.`.trim() };
    case "expired":
      return { fact: "Nobody said yes in time.", next: `It ended at ${clock(state.at, context.now)}. Nothing has changed.` };
    case "superseded":
      return { fact: because === "" ? "A newer version took its place." : because, next: "Nothing has changed." };
    case "cancelled":
      return { fact: `Cancelled${by}.`, next: `${because} ${undone(card)}`.trim() };
    default:
      return state.state satisfies never;
  }
}

/** Nobody measures any more: what is said is of the end of the watch, and true for as long as the card stands. */
function regressedLine(
  { verdict, cutShortBy }: FinalState,
  { live, because }: { readonly live: string; readonly because: string },
): { readonly fact: string; readonly next: string } {
  const end = cutShortBy === undefined ? "at the end of the watch" : `when #${cutShortBy} took its place`;
  return {
    fact: verdict === null ? `${live}, and it does harm.` : stillHappening(verdict, `Still happening ${end}`),
    next: cutShortBy === undefined ? `It stays live: nobody rolled it back. ${because}`.trim() : "Nobody had rolled it back.",
  };
}

/** What runs now, after something went wrong half-way. */
function undone(card: DeploymentCard): string {
  if (card.deployment.startedAt === null) return "Nothing has changed.";
  // Not what is live now: that may be what it left behind.
  const { from } = card.deployment;
  return from === null ? "Nothing was live here before." : `Before it, ${code(from)} was live.`;
}

function failedWhere(card: DeploymentCard): string {
  const broken = card.steps.find((step) => step.status === "failed");
  return broken === undefined ? "" : "The end of its log is in the thread.";
}

function bodyOf(card: DeploymentCard, state: FinalState, context: RenderContext): readonly BodyPart[] {
  const { deployment } = card;
  const started = deployment.startedAt !== null;
  // Nothing was seen: figures would read as if something had been (invariant 10).
  const figures = state.verdict === null || state.verdict.kind === "blind" ? undefined : state.verdict.figures;
  const lines = [
    ...(figures === undefined ? [] : [errorsLine(figures), newErrorLine(figures), siteLine(figures)]),
    started && (state.state === "failed" || state.state === "cancelled") ? hostsLine(card) : differingLine(card),
    state.state === "regressed" ? undoLine(card) : null,
    state.state === "regressed" || state.state === "failed" ? byHandLine(card) : null,
    state.state === "regressed" || state.state === "failed" ? onItLine(card, context) : null,
    card.blocked ? BLOCKED : null,
    troubleLine(card),
  ];
  const failed = state.state === "failed" || (state.state === "cancelled" && started);
  const changes: BodyPart =
    failed || state.state.startsWith("succeeded")
      ? { kind: "lines", lines: [changesLine(deployment.changes)] }
      : changesList(deployment.changes, null);
  return [...(failed && started ? [stepsBody(card.steps, deployment, context)] : []), { kind: "lines", lines }, changes];
}

export const BLOCKED =
  "*Blocked:* nothing that contains this change can be deployed here until it is reverted, or somebody allows it again.";

function detailOf(card: DeploymentCard, state: FinalState, context: RenderContext): readonly (string | null)[] {
  const { deployment } = card;
  if (deployment.liveAt === null) return [replaces(card, context), card.approvals.length > 0 ? approvedBy(card, context) : null];
  const took =
    deployment.startedAt === null ? "" : `, deployed in ${duration(deployment.liveAt.getTime() - deployment.startedAt.getTime())}`;
  return [
    `${version(versionOf(deployment))} on ${hostNames(card)}${took}.`,
    approvedBy(card, context),
    card.wayBack === null || state.state === "failed" ? null : `The way back is ${version(card.wayBack)}.`,
  ];
}

function buttonsOf(card: DeploymentCard, state: FinalState): Drawing["buttons"] {
  const rollback = card.deployment.kind === "rollback";
  switch (state.state) {
    case "succeeded":
    case "succeeded_unverified":
      return [openShop(card), openSentry(card), rollback ? null : rollBackAskButton(card)];
    case "regressed":
      return [
        rollBackButton(card),
        // What has stopped calls nobody.
        state.verdict?.ongoing === true ? onItButton(card) : null,
        openSentry(card),
        card.blocked ? allowAgainButton(card) : null,
      ];
    case "failed":
      return [
        card.deployment.startedAt === null || rollback ? null : rollBackButton(card),
        openRun(card),
        card.blocked ? allowAgainButton(card) : null,
      ];
    case "cancelled":
      return [card.deployment.startedAt === null || rollback ? null : rollBackAskButton(card), openRun(card)];
    case "rejected":
    case "expired":
    case "superseded":
      return [offerAgainButton(card), openRun(card), compareButton(card.deployment.changes.compareUrl)];
    default:
      return state.state satisfies never;
  }
}
