import type { App, ViewSubmitAction } from "@slack/bolt";
import type { Intent } from "../../domain/intent.ts";
import { ACTIONS, INPUTS, VIEWS } from "../action-ids.ts";
import { parseValue } from "../action-value.ts";
import type { Click } from "../deps.ts";
import { NOT_TAKEN } from "../presses.ts";
import { parseViewData, whereOf } from "../view-data.ts";
import { chosenIn } from "./deploy-modal.ts";
import { actorOf, teamOf } from "./envelope.ts";
import type { Desk } from "./desk.ts";
import { OLD_FORM } from "./form.ts";

/** Submitted forms: what is wrong is said in the form, which then stays open. */
export function listenToViews(app: App, desk: Desk): void {
  for (const id of [VIEWS.reject, VIEWS.override, VIEWS.rollBack, VIEWS.allowAgain, VIEWS.resolve]) {
    app.view<ViewSubmitAction>({ type: "view_submission", callback_id: id }, async ({ ack, body }) => {
      const data = parseViewData(body.view.private_metadata);
      const reason = reasonIn(body);
      const intent = data === null ? null : intentOf(id, data.value, { reason, to: versionIn(body) });
      if (data === null || intent === null) return ack({ response_action: "errors", errors: { [INPUTS.reason]: OLD_FORM } });
      if (id !== VIEWS.rollBack && reason === null)
        return ack({ response_action: "errors", errors: { [INPUTS.reason]: "Say why, in a few words." } });
      await desk.presses.press(clickOf(desk, body, { intent, where: whereOf(data) }), {
        ack: () => ack(),
        late: () => ack({ response_action: "errors", errors: { [INPUTS.reason]: NOT_TAKEN } }),
      });
    });
  }

  app.view<ViewSubmitAction>({ type: "view_submission", callback_id: VIEWS.deploy }, async ({ ack, body }) => {
    const data = parseViewData(body.view.private_metadata);
    const { app: name, environment, revision } = chosenIn(body.view);
    const refuse = (because: string): Promise<void> => ack({ response_action: "errors", errors: { [selectBlock(body)]: because } });
    if (data === null || name === null || environment === null || revision === null) return refuse(OLD_FORM);
    const intent: Intent = { kind: "deploy", app: name, environment, ref: revision };
    await desk.presses.press(clickOf(desk, body, { intent, where: whereOf(data) }), { ack: () => ack(), late: () => refuse(NOT_TAKEN) });
  });
}

/** A form is submitted once with effect: its id is the click's. */
function clickOf(desk: Desk, body: ViewSubmitAction, rest: Pick<Click, "intent" | "where">): Click {
  return { id: `form:${body.user.id}:${body.view.id}`, actor: actorOf(body.user), team: teamOf(body), at: desk.deps.now(), ...rest };
}

function reasonIn(body: ViewSubmitAction): string | null {
  const value = body.view.state.values[INPUTS.reason]?.[INPUTS.text]?.value;
  const reason = typeof value === "string" ? value.trim() : "";
  return reason === "" ? null : reason;
}

/** The version that was chosen to go back to; null: the form asks for none. */
function versionIn(body: ViewSubmitAction): string | null {
  return body.view.state.values[INPUTS.to]?.[INPUTS.version]?.selected_option?.value ?? null;
}

function intentOf(
  view: string,
  value: string,
  { reason, to }: { readonly reason: string | null; readonly to: string | null },
): Intent | null {
  const parsed = parseValue(value);
  if (parsed === null) return null;
  const { way, ...pressed } = parsed;
  const said = reason ?? "";
  if (view === VIEWS.override) return { kind: "override", reason: said, ...pressed };
  if (view === VIEWS.reject) return { kind: "reject", reason: said, ...pressed };
  if (view === VIEWS.rollBack) return { kind: "roll_back", reason, ...(to === null ? {} : { to }), ...pressed };
  if (view === VIEWS.allowAgain) return { kind: "allow_again", reason: said, ...pressed };
  return way === null ? null : { kind: "resolve", way, reason: said, ...pressed };
}

/** Errors are shown under a block that exists in the form. */
function selectBlock(body: ViewSubmitAction): string {
  const found = Object.entries(body.view.state.values).find(([, block]) => ACTIONS.deployRevision in block);
  return found?.[0] ?? INPUTS.app;
}
