import { allElements } from "./block-kit/walk.ts";
import { viewForPage } from "./api/shapes.ts";
import type { Context } from "./context.ts";
import { objectsOf, textOf, type Json } from "./json.ts";
import { lintView } from "./lints.ts";
import { fillIds } from "./messages.ts";
import { initialState } from "./act/values.ts";
import type { View } from "./state.ts";

/** The stored views: modal stacks and homes. Whoever changes one tells the page by `emitStack` or `emitHome`. */

export function stackOf(context: Context, user: string): View[] {
  return context.state.stacks.get(user) ?? [];
}

export function setStack(context: Context, user: string, stack: readonly View[]): void {
  const list = stack.map((view, index) => ({
    ...view,
    body: { ...view.body, root_view_id: stack[0]?.id ?? view.id, previous_view_id: stack[index - 1]?.id ?? null },
  }));
  if (list.length === 0) context.state.stacks.delete(user);
  else context.state.stacks.set(user, list);
  emitStack(context, user);
}

export function emitStack(context: Context, user: string): void {
  context.bus.emit({ topic: "views", key: user, value: stackOf(context, user).map(viewForPage) });
}

export function emitHome(context: Context, user: string): void {
  const home = context.state.homes.get(user);
  context.bus.emit({ topic: "home", key: user, value: home ? viewForPage(home) : null });
}

/** A new view with an id of its own, on nobody's stack yet. */
export function createView(context: Context, given: Json, user: string, kind: "modal" | "home"): View {
  const id = context.ids.next("V");
  const openedAt = context.clock.now().toISOString();
  const base = { id, user, kind, errors: {}, pending: false, shown: null, openedAt };
  return { ...base, ...contentOf(context, given, id, kind), hash: context.ids.hash() };
}

/** The same view with other content; what was typed into blocks and actions that stay is kept. */
export function replaceContent(context: Context, view: View, given: Json): View {
  const fresh = contentOf(context, given, view.id, view.kind);
  const values = Object.fromEntries(
    Object.entries(fresh.values).map(([block, actions]) => {
      const before = view.values[block];
      return [block, Object.fromEntries(Object.entries(actions).map(([action, value]) => [action, before?.[action] ?? value]))];
    }),
  );
  const { root_view_id: root, previous_view_id: previous } = view.body;
  const body = { ...fresh.body, root_view_id: root, previous_view_id: previous };
  return { ...view, body, lints: fresh.lints, values, errors: {}, pending: false, shown: null, hash: context.ids.hash() };
}

export function findModal(context: Context, viewId: string): View | undefined {
  return [...context.state.stacks.values()].flat().find((view) => view.id === viewId);
}

export function findView(context: Context, viewId: string): View | undefined {
  return findModal(context, viewId) ?? [...context.state.homes.values()].find((view) => view.id === viewId);
}

export function findByExternalId(context: Context, externalId: string): View | undefined {
  const every = [...[...context.state.stacks.values()].flat(), ...context.state.homes.values()];
  return every.find((view) => view.body["external_id"] === externalId);
}

/** Puts a changed view where the old one of the same id stood. */
export function putView(context: Context, view: View): void {
  if (view.kind === "home") {
    context.state.homes.set(view.user, view);
    emitHome(context, view.user);
    return;
  }
  setStack(
    context,
    view.user,
    stackOf(context, view.user).map((one) => (one.id === view.id ? view : one)),
  );
}

function contentOf(context: Context, given: Json, id: string, kind: "modal" | "home"): Pick<View, "body" | "values" | "lints"> {
  const blocks = fillIds(context, objectsOf(given["blocks"]));
  const body: Json = {
    id,
    team_id: context.seed.team.id,
    type: kind,
    blocks,
    private_metadata: textOf(given["private_metadata"]) ?? "",
    callback_id: textOf(given["callback_id"]) ?? "",
    external_id: textOf(given["external_id"]) ?? "",
    title: given["title"] ?? { type: "plain_text", text: "View Title", emoji: true },
    submit: given["submit"] ?? null,
    close: given["close"] ?? null,
    clear_on_close: given["clear_on_close"] === true,
    notify_on_close: given["notify_on_close"] === true,
    previous_view_id: null,
    root_view_id: id,
    app_id: context.seed.bot.app_id,
    app_installed_team_id: context.seed.team.id,
    bot_id: context.seed.bot.bot_id,
  };
  const values: View["values"] = {};
  for (const { element, block } of allElements(blocks)) {
    const initial = initialState(element);
    const [blockId, actionId] = [textOf(block["block_id"]), textOf(element["action_id"])];
    if (initial && blockId !== undefined && actionId !== undefined) values[blockId] = { ...values[blockId], [actionId]: initial };
  }
  return { body, values, lints: lintView(blocks) };
}
