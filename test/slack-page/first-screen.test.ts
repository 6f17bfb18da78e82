import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { renderCard } from "../../src/slack/render/card.ts";
import { context } from "../slack/shop.ts";
import { everyCard } from "../slack/cards.ts";
import { noBrowser, openPage, PHONE, startBrowser } from "./browser.ts";
import { startStage } from "./stage.ts";

/** What a product owner answers standing up: the whole question and its buttons, without a scroll. */
const CARDS = ["approval", "approval_validated", "approval_of_migrations", "approval_of_two", "look", "look_before_approval"];

/** Height of what scrolls around the cards: the screen without the bars above and below. */
const ROOM = `(() => {
  let outer = document.querySelector("[data-ts]");
  while (outer !== null && !/(auto|scroll)/u.test(getComputedStyle(outer).overflowY)) outer = outer.parentElement;
  return outer === null ? window.innerHeight : outer.clientHeight;
})()`;

/** The longest names and titles, 500 commits, 64 servers. */
function worst(): ReturnType<typeof everyCard>[string] {
  const words = {
    title: "feat: a title that goes on ".repeat(8),
    name: "a".repeat(40),
    host: "b".repeat(60),
    url: "https://git.acme.test/1",
  };
  const model = everyCard(words)["approval_validated"];
  const [change] = model?.kind === "deployment" ? model.deployment.changes.changes : [];
  if (model?.kind !== "deployment" || change === undefined) throw new Error("no such card");
  const { deployment } = model;
  const [host] = deployment.plan.hosts;
  if (host === undefined) throw new Error("no server");
  const hosts = Array.from({ length: 64 }, (_, index) => ({ ...host, name: `${words.host.slice(3)}-${index}` }));
  const changes = { ...deployment.changes, changes: Array.from({ length: 500 }, () => change) };
  return { ...model, deployment: { ...deployment, changes, plan: { ...deployment.plan, hosts } } };
}

describe.skipIf(noBrowser !== null)(`on a phone${noBrowser === null ? "" : ` (${noBrowser})`}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser?.close());

  test("the question and its buttons are on one screen, and nothing hides behind “show more”", async () => {
    await using stage = await startStage();
    await using opened = await openPage(browser, stage.at(), { viewport: PHONE });
    const measured: Record<string, number> = {};
    const models = { ...Object.fromEntries(CARDS.map((name) => [name, everyCard()[name]])), worst: worst() };
    for (const [name, model] of Object.entries(models)) {
      if (model === undefined) throw new Error(`no card ${name}`);
      const ts = await stage.post(renderCard(model, context));
      const card = opened.page.locator(`[data-ts="${ts}"] .card`);
      await card.locator(".primary, [data-action-id]").first().waitFor();
      const [box, buttons] = [await card.boundingBox(), await card.locator("[data-action-id]").last().boundingBox()];
      measured[name] = Math.ceil((buttons?.y ?? 0) + (buttons?.height ?? 9999) - (box?.y ?? 0));
      expect(await card.getByText(/show more/iu).count()).toBe(0);
    }
    const list = await opened.page.evaluate<number>(ROOM);
    const { worst: longest = 0, ...usual } = measured;
    expect(Object.entries(usual).filter(([, height]) => height > list)).toEqual([]);
    // The longest words of all, 500 commits and 64 servers take one thumb's scroll, not more.
    expect(longest).toBeLessThan(2 * list);
  });
});
