import type { App } from "@slack/bolt";
import { renderHome } from "../render/home.ts";
import type { Desk } from "./desk.ts";

/** The Home tab, read anew each time somebody opens it; and news about groups. */
export function listenToHome(app: App, desk: Desk): void {
  app.event("app_home_opened", async ({ event }) => {
    if (event.tab !== "home") return;
    try {
      const view = renderHome(await desk.deps.home(event.user), { now: desk.deps.now(), timezone: desk.timezone });
      await desk.client.views.publish({ user_id: event.user, view });
    } catch (error) {
      desk.deps.report(error, { doing: "showing the Home tab", user: event.user });
    }
  });

  app.event("subteam_members_changed", async () => desk.directory.forget());
}
