import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { renderCard } from "../../src/slack/render/card.ts";
import { context } from "../slack/shop.ts";
import { everyCard } from "../slack/cards.ts";
import { checkLayout } from "../support/layout-check.ts";
import { noBrowser, openPage, startBrowser } from "./browser.ts";
import { startStage } from "./stage.ts";
import { DEPLOYS } from "./team.ts";

const cards = everyCard();

/** State of the design, the card that shows it, its tint. */
const designed = [
  ["pipeline", "Testing: shop, 3 changes", "blue"],
  ["approval", "Approval needed: shop to production", "amber"],
  ["executing", "Deploying: shop to production", "blue"],
  ["watching", "Live: shop in production", "green"],
  ["regression", "Regression seen: shop in production", "red"],
  ["countdown", "Rolling back at 10:15:50 CET: shop in production", "red"],
  ["rolled_back", "Rolled back: shop in production", "green"],
] as const;

function drawing(name: string): ReturnType<typeof renderCard> {
  const model = cards[name];
  if (model === undefined) throw new Error(`there is no card ${name}`);
  return renderCard(model, context);
}

describe.skipIf(noBrowser !== null)(`cards on the page${noBrowser === null ? "" : ` (${noBrowser})`}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser?.close());

  test("one card is edited in place through the states of the design, with its tint, icon and buttons", async () => {
    await using stage = await startStage();
    const ts = await stage.post(drawing("queued"));
    await using opened = await openPage(browser, stage.at());
    const card = opened.page.locator(`[data-ts="${ts}"] .card`);
    for (const [name, title, tone] of designed) {
      const drawn = drawing(name);
      await stage.edit(ts, drawn);
      await card.locator("h3", { hasText: title }).waitFor();
      expect([name, await card.getAttribute("data-tone")]).toEqual([name, tone]);
      expect([name, await card.locator(".head .i").count()]).toEqual([name, 1]);
      const wanted = drawn.blocks.flatMap((block) => (block.type === "actions" ? block.elements : []));
      const labels = wanted.map((element) => (element.type === "button" ? element.text.text : "⋯"));
      expect([name, await card.locator("[data-action-id]").allInnerTexts()]).toEqual([name, labels]);
      await expect.poll(() => opened.page.title()).toContain(title);
      expect([name, await checkLayout(opened.page)]).toEqual([name, []]);
    }
    expect(await card.count()).toBe(1);
    const edits = opened.page.locator("[data-edits]");
    expect(await edits.innerText()).toContain(`Edited in place ${designed.length} times, last `);
    expect(opened.faults).toEqual([]);
  });

  test("foreign words stay words", async () => {
    await using stage = await startStage();
    const bad = `<img src=x onerror="document.title='taken'"> </p><b>bold</b>`;
    const { ts = "" } = await stage.web.chat.postMessage({
      channel: DEPLOYS,
      text: bad,
      blocks: [
        { type: "header", text: { type: "plain_text", text: bad } },
        {
          type: "section",
          text: { type: "mrkdwn", text: "<javascript:alert(1)|press me> &lt;script&gt; <https://acme.test/a?b=1&amp;c=2|ours>" },
        },
        {
          type: "rich_text",
          elements: [{ type: "rich_text_section", elements: [{ type: "link", url: "javascript:alert(1)", text: "here" }] }],
        },
      ],
    });
    await using opened = await openPage(browser, stage.at());
    const card = opened.page.locator(`[data-ts="${ts}"]`);
    expect(await card.locator("h3").innerText()).toBe(bad);
    expect(await card.locator("a").evaluateAll((links) => links.map((one) => one.getAttribute("href")))).toEqual([
      "https://acme.test/a?b=1&c=2",
    ]);
    expect(await card.innerText()).toContain("<script>");
    expect(await card.locator("img").count()).toBe(0);
  });

  test("marks, mentions, emoji and dates are drawn as Slack would", async () => {
    await using stage = await startStage();
    const text =
      "*bold* _italic_ ~gone~ `code` <@U02BOB> <!subteam^S01OWNERS> :white_check_mark: :tada: a*b*c <!date^1795511460^{date_short_pretty} {time}|Tue 09:11 UTC>";
    const { ts = "" } = await stage.web.chat.postMessage({
      channel: DEPLOYS,
      text: "x",
      blocks: [
        { type: "section", text: { type: "mrkdwn", text } },
        { type: "section", fields: [{ type: "mrkdwn", text: "*Tests*\n1,204 passed" }] },
        { type: "divider" },
        {
          type: "rich_text",
          elements: [
            {
              type: "rich_text_list",
              style: "ordered",
              elements: [{ type: "rich_text_section", elements: [{ type: "text", text: "one", style: { bold: true } }] }],
            },
            { type: "rich_text_quote", elements: [{ type: "text", text: "said" }] },
            { type: "rich_text_preformatted", elements: [{ type: "text", text: "$ ls\n  a" }] },
            {
              type: "rich_text_section",
              elements: [
                { type: "user", user_id: "U02BOB" },
                { type: "emoji", name: "red_circle" },
                { type: "usergroup", usergroup_id: "S01OWNERS" },
                { type: "date", timestamp: 1795511460, format: "{time}" },
              ],
            },
          ],
        },
      ],
    });
    await using opened = await openPage(browser, stage.at());
    const said = opened.page.locator(`[data-ts="${ts}"] .loose`);
    const inside = async (selector: string): Promise<readonly string[]> => said.locator(selector).allInnerTexts();
    expect(await inside("b")).toEqual(["bold", "Tests", "one"]);
    expect(await inside("i")).toEqual(["italic"]);
    expect(await inside("s")).toEqual(["gone"]);
    expect(await inside("code")).toEqual(["code"]);
    expect(await inside(".at")).toEqual(["@Bob", "@product-owners", "@Bob", "@product-owners"]);
    expect(await said.locator("svg").evaluateAll((icons) => icons.map((one) => one.getAttribute("aria-label")))).toEqual(["ok", "wrong"]);
    expect(await inside("time")).toEqual([expect.stringMatching(/10:11$/u), "10:11"]);
    expect(await inside("pre")).toEqual(["$ ls\n  a"]);
    expect(await inside("ol > li")).toEqual(["one"]);
    expect(await inside("blockquote")).toEqual(["said"]);
    expect(await said.innerText()).toContain("a*b*c");
  });
});
