import { setTimeout as pause } from "node:timers/promises";
import type { App, BlockAction, ButtonAction, OverflowAction, ViewOutput, ViewSubmitAction } from "@slack/bolt";
import type { Later, LaterChoices } from "../../domain/intent.ts";
import { ACTIONS, INPUTS, VIEWS } from "../action-ids.ts";
import { encodeValue, parseValue } from "../action-value.ts";
import { NOT_TAKEN, plainly } from "../presses.ts";
import { LINK_ONLY } from "../render/approval-buttons.ts";
import { renderLaterView, WHEN } from "../render/later-view.ts";
import { encodeViewData, parseViewData, whereOf } from "../view-data.ts";
import { openReason } from "./actions.ts";
import type { Desk } from "./desk.ts";
import { actorOf, teamOf, whereOfAction } from "./envelope.ts";
import { OLD_FORM, openForm } from "./form.ts";
import { oldButton } from "./press.ts";

/** Of the three seconds that a trigger lives; without an answer by then no form opens. */
const CHOICES_MS = 1_000;
const NOT_READ = "When it may start could not be read in time. Nothing was done, press again.";
const NOT_KNOWN = "This deployment is not known here any more, or you may not see it. Nothing was done; use the newest card.";
const SEVEN_DAYS_MS = 7 * 86_400_000;

/** The approval card's "Later…" and the menu beside it. */
export function listenToApprovals(app: App, desk: Desk): void {
  app.action<BlockAction<ButtonAction>>({ type: "block_actions", action_id: ACTIONS.later }, async ({ ack, body, action }) => {
    const where = whereOfAction(body);
    const pressed = parseValue(action.value);
    if (pressed === null) return oldButton(desk, { ack, body });
    await ack();
    const choices = await choicesFor(desk, pressed.deployment, body.user.id);
    if (typeof choices === "string") return void (await desk.presses.tell(body.user.id, where, plainly(choices)));
    const view = renderLaterView(choices, { data: encodeViewData(encodeValue(pressed), where), now: desk.deps.now() });
    await openForm(desk, body, view);
  });

  app.action<BlockAction<OverflowAction>>({ type: "block_actions", action_id: ACTIONS.approvalMore }, async ({ ack, body, action }) => {
    const { value } = action.selected_option;
    if (value === LINK_ONLY) return ack();
    const pressed = parseValue(value);
    if (pressed === null) return oldButton(desk, { ack, body });
    await ack();
    await openReason(desk, body, { kind: "override", value: encodeValue(pressed) });
  });

  app.view<ViewSubmitAction>({ type: "view_submission", callback_id: VIEWS.later }, async ({ ack, body }) => {
    const refuse = (because: string): Promise<void> => ack({ response_action: "errors", errors: { [INPUTS.at]: because } });
    const data = parseViewData(body.view.private_metadata);
    const parsed = data === null ? null : parseValue(data.value);
    if (data === null || parsed === null) return refuse(OLD_FORM);
    const later = laterIn(body.view, desk.deps.now());
    if (typeof later === "string") return refuse(later);
    const { way: _, ...pressed } = parsed;
    const click = { id: `form:${body.user.id}:${body.view.id}`, actor: actorOf(body.user), team: teamOf(body), at: desk.deps.now() };
    await desk.presses.press(
      { ...click, intent: { kind: "approve", later, ...pressed }, where: whereOf(data) },
      { ack: () => ack(), late: () => refuse(NOT_TAKEN) },
    );
  });
}

/** A sentence: why no form opens, for its presser. */
async function choicesFor(desk: Desk, deployment: Parameters<Desk["deps"]["laterOf"]>[0], user: string): Promise<LaterChoices | string> {
  try {
    return (await Promise.race([desk.deps.laterOf(deployment, user), pause(CHOICES_MS, NOT_READ, { ref: false })])) ?? NOT_KNOWN;
  } catch (error) {
    desk.deps.report(error, { doing: "asking when a deployment may start" });
    return NOT_READ;
  }
}

/** A sentence: what is wrong with it, for below the picker. */
function laterIn(view: ViewOutput, now: Date): Later | string {
  const { values } = view.state;
  const choice = values[INPUTS.when]?.[INPUTS.when]?.selected_option?.value;
  const picked = values[INPUTS.at]?.[INPUTS.at]?.selected_date_time;
  if (choice === WHEN.opening) {
    // A time that was changed is meant; whether instead of the opening only its presser knows.
    const kept = typeof picked !== "number" || picked === offeredAt(view);
    return kept ? { kind: "opening" } : "You changed this time. Choose “At another time” above for it, or empty it for the opening.";
  }
  if (typeof picked !== "number") return "Choose a day and a time.";
  const at = new Date(picked * 1000);
  if (at <= now) return "That time has passed. Choose a later one.";
  return at.getTime() - now.getTime() > SEVEN_DAYS_MS ? "That is more than 7 days ahead. Choose an earlier time." : { kind: "at", at };
}

/** What the picker stood at when the form opened. */
function offeredAt({ blocks }: ViewOutput): number | null {
  const picker = blocks.find((block) => block.block_id === INPUTS.at);
  const element = picker !== undefined && "element" in picker ? picker.element : null;
  return element?.type === "datetimepicker" ? (element.initial_date_time ?? null) : null;
}
