import type { DeploymentCard } from "../../domain/card.ts";
import type { DeploymentState } from "../../domain/deployment.ts";
import { running } from "../words.ts";
import { attentionButtons } from "./buttons.ts";
import { stepsBody } from "./deploying.ts";
import type { Drawing, RenderContext } from "./drawing.ts";
import { approvedBy, names, onItLine, replaces, sentence, title, troubleLine } from "./parts.ts";

type Attention = Extract<DeploymentState, { readonly state: "needs_attention" }>;

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
    next: `It happened ${doing}, ${running(state.since, context.now)} ago. Nothing else starts here until somebody says what is true.`,
    body: [
      stepsBody(card.steps, deployment, context),
      {
        kind: "lines",
        lines: [
          "*Ask servers again:* Greenlight looks and goes on from there.",
          "*In the menu:* say that the new version is live, roll back, or that it stays broken.",
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
