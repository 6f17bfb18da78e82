import { checkGivenView, pushView } from "../api/views.ts";
import { viewForPage } from "../api/shapes.ts";
import { allBlocks } from "../block-kit/walk.ts";
import type { Context } from "../context.ts";
import { deliver } from "../deliver/deliver.ts";
import { isJson, objectOf, textOf, type Json } from "../json.ts";
import type { View } from "../state.ts";
import { emitStack, findModal, putView, replaceContent, setStack, stackOf } from "../views.ts";
import { viewShape } from "../api/shapes.ts";
import { clientErrors, takeValues, type FormValues } from "./form.ts";
import { notSent, outcomeOf, type Outcome } from "./outcome.ts";
import { createTrigger, envelope, personOf } from "./payload.ts";
import { NotPossible } from "./values.ts";

export type Submitted = Outcome & {
  readonly errors: Record<string, string>;
  /** What is on top now, for the page; null when all is closed. */ readonly view: Json | null;
};

const TROUBLE = "We had some trouble connecting. Try again?";

/** Somebody presses a modal's submit button. Refuses what Slack's client would refuse, then carries out the ack. */
export async function submit(
  context: Context,
  act: { user: string; view_id: string; values?: FormValues | undefined },
): Promise<Submitted> {
  const user = personOf(context, act.user);
  const view = topView(context, user.id, act.view_id);
  if (view.body["submit"] === null) throw new NotPossible("this view has no submit button");
  takeValues(context, view, act.values ?? {});
  view.errors = clientErrors(view);
  if (Object.keys(view.errors).length > 0) {
    emitStack(context, user.id);
    return { ...notSent("view_submission", null), errors: view.errors, view: viewForPage(view) };
  }
  Object.assign(view, { pending: true, shown: null });
  emitStack(context, user.id);
  const payload: Json = {
    type: "view_submission",
    ...envelope(context, user),
    trigger_id: createTrigger(context, user.id, view.id),
    view: viewShape(view),
    response_urls: [],
  };
  const ack = await deliver(context, {
    kind: "interactive",
    label: `view_submission ${String(view.body["callback_id"])}`,
    payload,
    acceptsResponse: true,
  });
  // The stack may have changed meanwhile (views.update, views.push): look the view up again.
  const current = findModal(context, view.id);
  if (current) current.pending = false;
  const shown = current === undefined ? null : ack.result === "ok" ? carryOut(context, current, objectOf(ack.body)) : TROUBLE;
  const after = findModal(context, view.id);
  if (after) Object.assign(after, { shown });
  emitStack(context, user.id);
  const top = stackOf(context, user.id).at(-1);
  return { ...outcomeOf("view_submission", ack, shown), errors: after?.errors ?? {}, view: top ? viewForPage(top) : null };
}

/** @returns the sentence shown when the ack makes no sense, else null */
function carryOut(context: Context, view: View, ack: Json): string | null {
  const stack = stackOf(context, view.user);
  switch (ack["response_action"]) {
    case undefined:
      setStack(
        context,
        view.user,
        stack.filter((one) => one.id !== view.id),
      );
      return null;
    case "clear":
      setStack(context, view.user, []);
      return null;
    case "errors":
      return showErrors(view, ack["errors"]);
    case "update":
    case "push":
      return showView(context, view, ack);
    default:
      return `${TROUBLE} (unknown response_action ${JSON.stringify(ack["response_action"])})`;
  }
}

function showErrors(view: View, given: unknown): string | null {
  const entries = Object.entries(isJson(given) ? given : {});
  const inputs = new Set(
    allBlocks(view.body["blocks"], "")
      .filter(({ block }) => block["type"] === "input")
      .map(({ block }) => block["block_id"]),
  );
  const stray = entries.find(([blockId]) => !inputs.has(blockId));
  if (entries.length === 0) return `${TROUBLE} (response_action errors names no error)`;
  if (stray) return `${TROUBLE} (errors names the block ${JSON.stringify(stray[0])}, which is no input of this view)`;
  view.errors = Object.fromEntries(entries.map(([blockId, message]) => [blockId, textOf(message) ?? ""]));
  return null;
}

function showView(context: Context, view: View, ack: Json): string | null {
  const refused = checkGivenView(ack["view"], "modal");
  if (refused) return `${TROUBLE} (the app's view was refused: ${JSON.stringify(refused["errors"] ?? refused["error"])})`;
  const given = objectOf(ack["view"]);
  if (ack["response_action"] === "update") {
    putView(context, replaceContent(context, view, given));
    return null;
  }
  return pushView(context, view.user, given) ? null : `${TROUBLE} (push_limit_reached)`;
}

/** Somebody closes a modal: the X (`all`) or the close button. The bot hears of it only when the view asked for that. */
export async function closeView(context: Context, act: { user: string; view_id: string; all?: boolean | undefined }): Promise<Outcome> {
  const user = personOf(context, act.user);
  const view = topView(context, user.id, act.view_id);
  const stack = stackOf(context, user.id);
  const everything = act.all === true || view.body["clear_on_close"] === true;
  setStack(context, user.id, everything ? [] : stack.filter((one) => one.id !== view.id));
  const told = (everything ? stack.toReversed() : [view]).filter((one) => one.body["notify_on_close"] === true);
  let outcome = notSent("view_closed", null);
  for (const one of told) {
    const payload: Json = { type: "view_closed", ...envelope(context, user), view: viewShape(one), is_cleared: everything };
    outcome = outcomeOf(
      "view_closed",
      await deliver(context, { kind: "interactive", label: "view_closed", payload, acceptsResponse: false }),
      null,
    );
  }
  return outcome;
}

function topView(context: Context, user: string, viewId: string): View {
  const view = stackOf(context, user).at(-1);
  if (!view || view.id !== viewId) throw new NotPossible(`the view ${viewId} is not on top of what ${user} sees`);
  return view;
}
