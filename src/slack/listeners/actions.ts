import type { App, BlockAction, ButtonAction, OverflowAction } from "@slack/bolt";
import type { AttentionWay, Intent, Pressed } from "../../domain/intent.ts";
import { ACTIONS, LINK_PREFIX } from "../action-ids.ts";
import { encodeValue, parseValue } from "../action-value.ts";
import { renderReasonView, type ReasonKind } from "../render/reason-view.ts";
import { encodeViewData } from "../view-data.ts";
import type { Desk } from "./desk.ts";
import { whereOfAction } from "./envelope.ts";
import { openForm } from "./form.ts";
import { oldButton, press } from "./press.ts";
import { openRollBack } from "./roll-back-modal.ts";

/** Buttons that say all by themselves. */
const AT_ONCE: Readonly<Record<string, (pressed: Pressed) => Intent>> = {
  [ACTIONS.approve]: (pressed) => ({ kind: "approve", ...pressed }),
  [ACTIONS.startNow]: (pressed) => ({ kind: "start_now", ...pressed }),
  [ACTIONS.offerAgain]: (pressed) => ({ kind: "offer_again", ...pressed }),
  [ACTIONS.cancel]: (pressed) => ({ kind: "cancel", thenRollBack: false, ...pressed }),
  [ACTIONS.stopAndRollBack]: (pressed) => ({ kind: "cancel", thenRollBack: true, ...pressed }),
  [ACTIONS.rollBack]: (pressed) => ({ kind: "roll_back", reason: null, ...pressed }),
  [ACTIONS.rollBackSchema]: (pressed) => ({ kind: "roll_back", reason: null, schema: true, ...pressed }),
  [ACTIONS.stopCountdown]: (pressed) => ({ kind: "stop_countdown", ...pressed }),
  [ACTIONS.keepWatching]: (pressed) => ({ kind: "keep_watching", ...pressed }),
  [ACTIONS.onIt]: (pressed) => ({ kind: "on_it", ...pressed }),
  [ACTIONS.logFile]: (pressed) => ({ kind: "log_file", ...pressed }),
  [ACTIONS.attentionTakeOver]: (pressed) => ({ kind: "resolve", way: "take_over", reason: "taken over from the card", ...pressed }),
  [ACTIONS.attentionAskHosts]: (pressed) => ({ kind: "resolve", way: "ask_hosts", reason: "asked from the card", ...pressed }),
};

/** Buttons that ask for a reason first. */
const WITH_REASON: Readonly<Record<string, ReasonForm["kind"]>> = {
  [ACTIONS.reject]: "reject",
  [ACTIONS.rollBackAsk]: "roll_back",
  [ACTIONS.allowAgain]: "allow_again",
};

const WAYS: Readonly<Record<AttentionWay, ReasonKind | null>> = {
  ask_hosts: null,
  take_over: null,
  mark_live: "mark_live",
  mark_earlier: "mark_earlier",
  roll_back: "roll_back_from_attention",
  stays_broken: "stays_broken",
};

export function listenToActions(app: App, desk: Desk): void {
  app.action(new RegExp(`^${LINK_PREFIX}`, "u"), ({ ack }) => ack());

  for (const [id, intentOf] of Object.entries(AT_ONCE)) {
    app.action<BlockAction<ButtonAction>>({ type: "block_actions", action_id: id }, async ({ ack, body, action }) => {
      const pressed = parseValue(action.value);
      if (pressed === null) return oldButton(desk, { ack, body });
      const { way: _, ...shown } = pressed;
      await press(desk, { ack, body, action }, intentOf(shown));
    });
  }

  for (const [id, kind] of Object.entries(WITH_REASON)) {
    app.action<BlockAction<ButtonAction>>({ type: "block_actions", action_id: id }, async ({ ack, body, action }) => {
      const pressed = parseValue(action.value);
      if (pressed === null) return oldButton(desk, { ack, body });
      await ack();
      await openReason(desk, body, { kind, value: encodeValue(pressed) });
    });
  }

  app.action<BlockAction<OverflowAction>>({ type: "block_actions", action_id: ACTIONS.attentionWays }, async ({ ack, body, action }) => {
    const pressed = parseValue(action.selected_option.value);
    if (pressed === null) return oldButton(desk, { ack, body });
    const { way, ...shown } = pressed;
    if (way === null) return press(desk, { ack, body, action }, { kind: "on_it", ...shown });
    const kind = WAYS[way];
    if (kind === null) return oldButton(desk, { ack, body });
    await ack();
    await openReason(desk, body, { kind, value: encodeValue(pressed, way) });
  });
}

type ReasonForm = { readonly kind: ReasonKind | "roll_back"; readonly value: string };

/** The button's own digest goes with the form: what has changed since it was drawn is answered, not obeyed. */
async function askBack(desk: Desk, body: BlockAction, value: string): Promise<void> {
  const parsed = parseValue(value);
  if (parsed === null) return;
  const { way: _, ...pressed } = parsed;
  const asked = { deployment: pressed.deployment };
  await openRollBack(desk, { trigger: body.trigger_id, user: body.user.id, where: whereOfAction(body), asked, pressed, to: null });
}

/** A form that asks for a reason before anything is done. */
export async function openReason(desk: Desk, body: BlockAction, form: ReasonForm): Promise<void> {
  if (form.kind === "roll_back") return askBack(desk, body, form.value);
  const data = encodeViewData(form.value, whereOfAction(body));
  await openForm(desk, body, renderReasonView(form.kind, { data, more: null }));
}
