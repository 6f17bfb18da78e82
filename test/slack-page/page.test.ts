import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { renderCard } from "../../src/slack/render/card.ts";
import { context, everyCard } from "../slack/cards.ts";
import { checkLayout } from "../support/layout-check.ts";
import { noBrowser, openPage, PHONE, startBrowser } from "./browser.ts";
import { startStage } from "./stage.ts";
import { ANN, BOB, DEPLOYS, EVE } from "./team.ts";
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

  test("an edit is ringed where motion is welcome, and the top of a card in a new state is brought into view", async () => {
    await using stage = await startStage();
    const ts = await stage.post(drawing("watching"));
    for (let line = 0; line < 30; line += 1) stage.slack.say({ user: BOB, channel: DEPLOYS, text: `line ${line}` });
    await using lively = await openPage(browser, stage.at(), { calm: false });
    await using calm = await openPage(browser, stage.at());
    await stage.edit(ts, drawing("regression"));
    const ringed = `[data-ts="${ts}"] .card[data-flash]`;
    const animation = `getComputedStyle(document.querySelector('${ringed}')).animationName`;
    await lively.page.locator(ringed).waitFor();
    await calm.page.locator(ringed).waitFor();
    expect(await lively.page.evaluate(animation)).toBe("flash");
    expect(await calm.page.evaluate(animation)).toBe("none");
    expect(await lively.page.locator(`[data-ts="${ts}"] h3`).isVisible()).toBe(true);
    await expect
      .poll(() =>
        lively.page.evaluate(
          `(() => { const top = document.querySelector('[data-ts="${ts}"] .card').getBoundingClientRect().top; const box = document.getElementById("tl").getBoundingClientRect(); return top >= box.top && top < box.bottom; })()`,
        ),
      )
      .toBe(true);
    await lively.page.locator(ringed).waitFor({ state: "detached" });
  });

  test("versions and JSON of a card, with what the simulator finds odd", async () => {
    await using stage = await startStage();
    const ts = await stage.post(drawing("pipeline"));
    await stage.edit(ts, drawing("approval"));
    await using opened = await openPage(browser, stage.at());
    const { page } = opened;
    await page.locator(`[data-inspect="${ts}"]`).click();
    const sheet = page.locator("#inspector");
    await sheet.locator("[data-version='2']").waitFor();
    expect(await sheet.locator(".preview h3").innerText()).toBe("Approval needed: shop to production");
    await sheet.getByRole("button", { name: "Earlier" }).click();
    expect(await sheet.locator(".preview h3").innerText()).toBe("Testing: shop, 3 changes");
    expect(await sheet.locator("pre").last().innerText()).toContain("hourglass_flowing_sand");
    expect(await checkLayout(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await sheet.waitFor({ state: "hidden" });
  });

  test("people talk: in the channel, in the thread of the card, with mentions", async () => {
    await using stage = await startStage();
    const ts = await stage.post(drawing("regression"));
    await using opened = await openPage(browser, stage.at({ as: EVE }));
    const { page } = opened;
    await page.locator("#say").fill("Is it <stuck>, @bob?");
    await page.keyboard.press("Enter");
    await page.locator(`[data-from=${EVE}]`, { hasText: "Is it <stuck>, @bob?" }).waitFor();
    await page.locator("#reply-text").fill("Looking.");
    await page.keyboard.press("Enter");
    await page.locator("#replies", { hasText: "Looking." }).waitFor();
    expect(
      stage.slack
        .thread(DEPLOYS, ts)
        .map((message) => message.text)
        .slice(1),
    ).toEqual(["Looking."]);
    expect(stage.slack.messages(DEPLOYS).map((message) => message.text)).toContain("Is it &lt;stuck&gt;, <@U02BOB>?");
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

  test("a press on a card shows its thread, and it stays while another card changes", async () => {
    await using stage = await startStage();
    const first = await stage.post(drawing("rolled_back"));
    await stage.post({ text: "The first story.", blocks: [] }, { thread_ts: first });
    const second = await stage.post(drawing("watching"));
    await using opened = await openPage(browser, stage.at());
    const { page } = opened;
    expect(await page.locator("#th-of").innerText()).toBe("Live: shop in production");
    await page.locator(`[data-ts="${first}"] .card h3`).click();
    await page.locator("#replies", { hasText: "The first story." }).waitFor();
    await stage.edit(second, drawing("regression"));
    await page.locator(`[data-ts="${second}"] h3`, { hasText: "Regression seen" }).waitFor();
    expect(await page.locator("#th-of").innerText()).toBe("Rolled back: shop in production");
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
