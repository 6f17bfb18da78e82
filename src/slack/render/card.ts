import type { CardModel, DeploymentCard } from "../../domain/card.ts";
import { isFinal } from "../../domain/deployment.ts";
import { withAlarm } from "./alarm.ts";
import { drawAttention } from "./attention.ts";
import { drawCancelling, drawExecuting } from "./deploying.ts";
import { assemble, type Drawing, type RenderContext, type Rendered } from "./drawing.ts";
import { drawEnded } from "./ended.ts";
import { drawLook } from "./look.ts";
import { lookOfDeployment } from "./look-of.ts";
import { drawRollback } from "./rolled-back.ts";
import { drawRun } from "./run.ts";
import { drawQueued } from "./queued.ts";
import { drawApproval } from "./waiting.ts";
import { drawCountdown, drawWatching } from "./watching.ts";

/** A card as Slack shows it: five slots, the same in every state, from stored state alone. Never refused by Slack for its form. */
export function renderCard(model: CardModel, context: RenderContext): Rendered {
  return assemble(model.kind === "run" ? drawRun(model, context) : withAlarm(drawDeployment(model, context), model, context), context);
}

function drawDeployment(card: DeploymentCard, context: RenderContext): Drawing {
  const { state } = card.deployment;
  const look = lookOfDeployment(card, context);
  if (look !== null) return drawLook(look, context);
  if (card.rollback !== null) return drawRollback(card, card.rollback, context);
  if (isFinal(state)) return drawEnded(card, state, context);
  switch (state.state) {
    case "awaiting_approval":
      return drawApproval(card, state, context);
    case "queued":
      return drawQueued(card, state, context);
    case "executing":
      return drawExecuting(card, context);
    case "cancelling":
      return drawCancelling(card, state, context);
    case "needs_attention":
      return drawAttention(card, state, context);
    case "watching":
      return drawWatching(card, state, context);
    case "countdown":
      return drawCountdown(card, state, context);
    default:
      return state satisfies never;
  }
}

/** Should Slack refuse our blocks after all: the whole story as text, which it cannot refuse. */
export function renderPlain(model: CardModel, context: RenderContext): Rendered {
  const { text } = renderCard(model, context);
  return { text, blocks: [{ type: "section", text: { type: "mrkdwn", text: text === "" ? "Greenlight" : text, verbatim: true } }] };
}
