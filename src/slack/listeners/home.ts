import type { App, BlockAction, ButtonAction, ExternalSelectAction, OverflowAction } from "@slack/bolt";
import { ACTIONS } from "../action-ids.ts";
import { drawHome } from "../draw-home.ts";
import { ALL_APPS, parseApp, parseHome } from "../home-value.ts";
import { LIMITS } from "../limits.ts";
import { createPermalinks } from "../permalinks.ts";
import { option } from "../render/blocks.ts";
import { renderPlainHome } from "../render/home.ts";
import { appsOf, openDeployModal } from "./deploy-modal.ts";
import type { Desk } from "./desk.ts";
import { whereOfAction } from "./envelope.ts";
import { openHold } from "./hold.ts";
import { oldButton, press } from "./press.ts";
import { openRollBack } from "./roll-back-modal.ts";

/** The Home tab, read anew each time somebody opens it, and what it has beyond the buttons of cards; and news about groups. */
export function listenToHome(app: App, desk: Desk): void {
  const links = createPermalinks(desk.client);

  app.event("app_home_opened", async ({ event }) => {
    if (event.tab !== "home") return;
    try {
      const { view, hash } = await drawHome(await desk.deps.home(event.user), links, desk.deps.now());
      await desk.client.views.publish({ user_id: event.user, view });
      await desk.deps.homeDrawn(event.user, hash);
    } catch (error) {
      desk.deps.report(error, { doing: "showing the Home tab", user: event.user });
      // The painter draws it again as soon as it can be read.
      await desk.client.views.publish({ user_id: event.user, view: renderPlainHome(desk.command) }).catch(() => undefined);
    }
  });

  listenToMenu(app, desk);
  listenToMutes(app, desk);

  app.event("subteam_members_changed", async () => desk.directory.forget());
}

/** What may be done in one environment. There is no channel on the Home tab: what came of a press is said in its presser's messages with the bot. */
function listenToMenu(app: App, desk: Desk): void {
  app.action<BlockAction<OverflowAction>>({ type: "block_actions", action_id: ACTIONS.homeMenu }, async ({ ack, body, action }) => {
    const chosen = parseHome(action.selected_option.value);
    if (chosen === null) return oldButton(desk, { ack, body });
    const { place, way } = chosen;
    const form = { trigger: body.trigger_id, user: body.user.id, where: whereOfAction(body) };
    switch (way) {
      case "deploy":
        await ack();
        return openDeployModal(desk, { ...form, chosen: { ...place, revision: null } });
      case "roll_back":
        await ack();
        return openRollBack(desk, { ...form, asked: place, pressed: null, to: null });
      case "lock":
      case "freeze":
        await ack();
        return openHold(desk, body, way, place);
      case "history":
      case "unlock":
      case "ask_unlock":
        return press(desk, { ack, body, action }, { kind: way, ...place });
      default:
        return way satisfies never;
    }
  });
}

/** Mutes are everybody's own affair. */
function listenToMutes(app: App, desk: Desk): void {
  app.action<BlockAction<ButtonAction>>({ type: "block_actions", action_id: ACTIONS.unmute }, async ({ ack, body, action }) =>
    press(desk, { ack, body, action }, { kind: "unmute", app: parseApp(action.value ?? ALL_APPS) }),
  );

  app.action<BlockAction<ExternalSelectAction>>({ type: "block_actions", action_id: ACTIONS.mute }, async ({ ack, body, action }) => {
    const value = action.selected_option?.value;
    if (value === undefined) return ack();
    await press(desk, { ack, body, action }, { kind: "mute", app: parseApp(value), forMs: null });
  });

  app.options<"block_suggestion">({ type: "block_suggestion", action_id: ACTIONS.mute }, async ({ ack, body }) => {
    const apps = (await appsOf(desk, body)).slice(0, LIMITS.selectOptions - 1);
    await ack({ options: [option("All apps", ALL_APPS), ...apps.map((name) => option(name, name))] });
  });
}
