import type { DeploymentCard } from "../../domain/card.ts";
import { isLookDue } from "../../domain/validation.ts";
import { encodeValue, pressedOf } from "../action-value.ts";
import { foreign } from "../escape.ts";
import { LIMITS } from "../limits.ts";
import { clock } from "../words.ts";
import { option } from "./blocks.ts";
import { onlyByHand, rollBackSchemaButton, schemaBack } from "./database.ts";
import type { RenderContext } from "./drawing.ts";
import type { Look } from "./look.ts";
import { approvedBy, sentence, troubleLine, undoLine } from "./parts.ts";
import { replaces } from "./version.ts";

/**
 * A deployment's card asks people to look: that of the place itself while it is well, or that of what waits for their word. Null: it has
 * something else to say.
 */
export function lookOfDeployment(card: DeploymentCard, context: RenderContext): Look | null {
  const { deployment, validation, environment, app } = card;
  if (!isLookDue(validation) || card.rollback !== null || deployment.kind === "rollback") return null;
  const common = { app, view: validation, changes: deployment.changes, blockId: `act:${deployment.id}:${deployment.counter}` };
  if (validation.environment === environment.name) {
    if (!isWell(card)) return null;
    const schema = schemaBack(card);
    const back = card.wayBack !== null && !onlyByHand(card) && schema === null;
    return {
      ...common,
      lines: [watchedLine(card, context), troubleLine(card)],
      detail: [replaces(card, context), approvedBy(card, context)],
      more: back ? [option("Roll back…", encodeValue(pressedOf(deployment)))] : [],
      // It takes data along, and says which before it does.
      back: schema === null ? null : rollBackSchemaButton(card, schema),
    };
  }
  const { state } = deployment;
  if (state.state !== "awaiting_approval") return null;
  const asked = card.approvers.refs.map((ref) => foreign(ref, LIMITS.name)).join(", ");
  return {
    ...common,
    lines: [
      undoLine(card),
      `:double_vertical_bar: *Then:* a yes${asked === "" ? "" : ` from ${asked}`}, until ${clock(state.expiresAt, context.now)}`,
      troubleLine(card),
    ],
    detail: [replaces(card, context)],
    more: [],
  };
}

function isWell(card: DeploymentCard): boolean {
  const { state } = card.deployment;
  if (state.state === "succeeded" || state.state === "succeeded_unverified") return true;
  return state.state === "watching" && state.verdict?.kind !== "regressed";
}

function watchedLine(card: DeploymentCard, context: RenderContext): string | null {
  const { state } = card.deployment;
  if (state.state === "watching") return `:hourglass_flowing_sand: *Watched* until ${clock(state.until, context.now)}`;
  if (state.state === "succeeded") return ":white_check_mark: *Watched:* no problem seen";
  return state.state === "succeeded_unverified" ? `:white_circle: *Not verified:* ${sentence(state.because)}` : null;
}
