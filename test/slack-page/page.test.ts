import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { renderCard } from "../../src/slack/render/card.ts";
import { context } from "../slack/shop.ts";
import { everyCard } from "../slack/cards.ts";
import { checkLayout } from "../support/layout-check.ts";
import { noBrowser, openPage, PHONE, startBrowser } from "./browser.ts";
import { startStage } from "./stage.ts";
import { ANN, BOB } from "./team.ts";
import { home } from "./views.ts";

const cards = everyCard();

function drawing(name: string): ReturnType<typeof renderCard> {
  const model = cards[name];
  if (model === undefined) throw new Error(`there is no card ${name}`);
  return renderCard(model, context);
}

describe.skipIf(noBrowser !== null)(`the simulator's page${noBrowser === null ? "" : ` (${noBrowser})`}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser?.close());

  test("the theme comes from the address, then from the switch, and is remembered", async () => {
    await using stage = await startStage();
    await using opened = await openPage(browser, stage.at({ theme: "dark" }));
    const { page } = opened;
    const theme = (): Promise<string | null> => page.locator("html").getAttribute("data-theme");
    expect(await theme()).toBe("dark");
    await page.locator("[data-set=light]").click();
    expect(await theme()).toBe("light");
    await page.goto(stage.at().replace("&theme=light", ""));
    await page.locator("body[data-ready]").waitFor();
    expect(await theme()).toBe("light");
  });

  test("on the phone chat, thread and simulator are three tabs", async () => {
    await using stage = await startStage();
    stage.publish();
    const ts = await stage.post(drawing("watching"));
    await stage.post({ text: "Live on web-1 and web-2.", blocks: [] }, { thread_ts: ts });
    await using opened = await openPage(browser, stage.at({ as: ANN }), { viewport: PHONE });
    const { page } = opened;
    const [chat, thread, simulator] = [page.locator("#tl"), page.locator(".thread"), page.locator(".bench")];
    expect([await chat.isVisible(), await thread.isVisible(), await simulator.isVisible()]).toEqual([true, false, false]);
    expect(await page.locator("#next").innerText()).toContain("Press Approve & Deploy as Eve");
    await page.locator(".phone label", { hasText: "Thread" }).click();
    expect(await thread.innerText()).toContain("Live on web-1 and web-2.");
    expect(await chat.isVisible()).toBe(false);
    expect(await checkLayout(page)).toEqual([]);
    await page.locator(".phone label", { hasText: "Simulator" }).click();
    await page.locator("[data-verb=kill]").click();
    await expect.poll(() => stage.pressed).toEqual([{ verb: "kill", user: ANN }]);
    expect(await page.locator("#guide").innerText()).toMatch(/2 of 7[\s\S]*You are Eve from support[\s\S]*Then: do it as Ann, who may\./u);
    expect(await checkLayout(page)).toEqual([]);
  });

  test("the bench is what the world published, and nothing without it", async () => {
    await using stage = await startStage();
    await using opened = await openPage(browser, stage.at({ as: ANN }));
    const { page } = opened;
    expect([await page.locator("#guide").isVisible(), await page.locator("#world").isVisible()]).toEqual([false, false]);
    expect(await page.locator("[data-user]").allInnerTexts()).toEqual([
      expect.stringContaining("Ann"),
      expect.stringContaining("Bob"),
      expect.stringContaining("Eve"),
    ]);
    stage.publish({ bot: { state: "down", since: new Date().toISOString(), note: "web-2 finishes its step by itself." } });
    const banner = page.locator("#banner");
    await banner.waitFor();
    expect(await banner.innerText()).toMatch(/Bot down\. The deployment goes on\.[\s\S]*web-2 finishes its step by itself\./u);
    expect(await checkLayout(page)).toEqual([]);
    await banner.locator("[data-verb=start]").click();
    await expect.poll(() => stage.pressed).toEqual([{ verb: "start", user: ANN }]);
    const guide = { step: 3, of: 7, title: "Now as Bob", text: "Other rights.", button: { label: "Act as Bob", verb: "", actAs: BOB } };
    stage.publish({ guide });
    await banner.waitFor({ state: "hidden" });
    await page.locator("#guide [data-act-as]").click();
    await page.locator(`[data-user=${BOB}] :checked`).waitFor({ state: "attached" });
    expect(stage.pressed).toHaveLength(1);
  });

  test("each person has a home of their own, opened for the bot to hear", async () => {
    await using stage = await startStage();
    const openings: string[] = [];
    await stage.bot((app) => {
      app.event("app_home_opened", async ({ event, client }) => {
        openings.push(event.user);
        if (event.user === ANN) await client.views.publish({ user_id: event.user, view: home });
      });
    });
    await using opened = await openPage(browser, stage.at({ as: ANN }));
    const { page } = opened;
    await page.locator("[data-room=home]").click();
    await page.locator("#home h2", { hasText: "Hello Ann, one thing waits for you" }).waitFor();
    expect(await page.locator("#home section > h3").allInnerTexts()).toEqual(["Waits for you", "Going on now", "Live now", "Before"]);
    expect(await checkLayout(page)).toEqual([]);
    await page.locator(`[data-user=${BOB}]`).click();
    await page.getByText("Greenlight has not drawn a Home for this person yet.").waitFor();
    await expect.poll(() => openings).toEqual([ANN, BOB]);
  });

  test("it says that it is not Slack on every wide window, and that it needs its token", async () => {
    await using stage = await startStage();
    for (const width of [900, 1280]) {
      await using opened = await openPage(browser, stage.at(), { viewport: { width, height: 700 } });
      const { page } = opened;
      expect(await page.locator(".top").innerText()).toMatch(/Chat simulator\s+This is not Slack/u);
      expect(await page.locator("#flip").isVisible()).toBe(false);
      expect(await checkLayout(page)).toEqual([]);
    }
    const visitor = await browser.newContext();
    const stranger = await visitor.newPage();
    await stranger.goto(`${stage.slack.url}/?token=wrong`);
    await stranger.getByText("Open the address it printed when it started, with its token.").waitFor();
    await visitor.close();
  });

  test("the layout check sees what is broken", async () => {
    await using stage = await startStage();
    await using opened = await openPage(browser, stage.at());
    const { page } = opened;
    await page.evaluate(`(() => {
      const add = (style, text, tag = "p") => { const one = document.createElement(tag); one.style.cssText = style; one.textContent = text; document.getElementById("tl").append(one); };
      add("width: 3000px", "far too wide");
      add("color: #999; background: #fff", "hardly to be read");
      add("width: 30px; overflow: hidden; white-space: nowrap", "this is cut off");
      add("margin-bottom: -30px; min-height: 30px", "under", "button");
      add("min-height: 30px", "over", "button");
    })()`);
    const kinds = new Set((await checkLayout(page)).map((fault) => fault.kind));
    expect([...kinds].toSorted()).toEqual(["contrast", "overlap", "text cut off", "wider than the window"]);
  });
});
