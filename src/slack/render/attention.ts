import type { DeploymentCard } from "../../domain/card.ts";
import type { DeploymentState, LockHolder } from "../../domain/deployment.ts";
import { foreign } from "../escape.ts";
import { LIMITS } from "../limits.ts";
import { clock, running } from "../words.ts";
import { attentionButtons } from "./attention-buttons.ts";
import { stepsBody } from "./deploying.ts";
import type { Drawing, RenderContext } from "./drawing.ts";
import { hostsLine } from "./host-lines.ts";
import { approvedBy, names, onItLine, sentence, title, troubleLine } from "./parts.ts";
import { replaces } from "./version.ts";

type Attention = Extract<DeploymentState, { readonly state: "needs_attention" }>;

const WAYS = [
  "*Ask servers again:* Greenlight looks and goes on from there.",
  "*In the menu:* say which version is live, roll back, or say that it stays broken.",
];

/** Whose lock stands in the way, since when, and what taking it over means. */
function heldLines(held: readonly LockHolder[], context: RenderContext): readonly string[] {
  const locks = held.slice(0, LIMITS.hostsListed).map(({ host, who, since }) => {
    const when = since === null ? "" : ` since ${clock(since, context.now)}`;
    return `:double_vertical_bar: *${foreign(host, LIMITS.name)}* is held by ${foreign(who, LIMITS.name)}${when}`;
  });
  return [
    ...locks,
    "*Take over:* each server looks once more that nothing of it runs, and then belongs to this deployment.",
    "*Ask servers again:* for when the other one has ended. *In the menu:* give up; nothing was changed.",
  ];
}

/** Nobody knows what runs: said as such, with the four ways out. */
export function drawAttention(card: DeploymentCard, state: Attention, context: RenderContext): Drawing {
  const { deployment } = card;
  const rollback = deployment.kind === "rollback";
  const doing =
    state.during === "cancelling" ? "while it was being stopped" : rollback ? "while it was going back" : "while it was being deployed";
  return {
    title: title("Needs a person", names(card), "in"),
    tone: "red_circle",
    fact: sentence(state.because),
    next:
      state.held === undefined
        ? `It happened ${doing}, ${running(state.since, context.now)} ago. Nothing else starts here until somebody says what is true.`
        : `It has waited for a person for ${running(state.since, context.now)}. Nothing was started on any server.`,
    body: [
      ...(state.held === undefined ? [stepsBody(card.steps, deployment, context)] : []),
      {
        kind: "lines",
        lines: [
          ...(state.held === undefined ? WAYS : heldLines(state.held, context)),
          hostsLine(card),
          onItLine(card, context),
          troubleLine(card),
        ],
      },
    ],
    detail: [replaces(card, context), approvedBy(card, context)],
    buttons: attentionButtons(card, deployment),
    blockId: `act:${deployment.id}:${deployment.counter}`,
  };
}
