import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { renderCard } from "../../src/slack/render/card.ts";
import { context } from "../slack/shop.ts";
import { everyCard } from "../slack/cards.ts";
import { HOSTILE, hostile } from "../slack/hostile.ts";
import { checkLayout } from "../support/layout-check.ts";
import { noBrowser, openPage, PHONE, startBrowser, WIDE } from "./browser.ts";
import { startStage } from "./stage.ts";
import { BOB, DEPLOYS } from "./team.ts";

describe.skipIf(noBrowser !== null)(`every card on the page${noBrowser === null ? "" : ` (${noBrowser})`}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser?.close());

  test.each([
    ["wide", WIDE, "light"],
    ["wide", WIDE, "dark"],
    ["phone", PHONE, "light"],
    ["phone", PHONE, "dark"],
  ] as const)("is whole and legible: %s, %o, %s", async (_name, viewport, theme) => {
    await using stage = await startStage();
    stage.publish();
    stage.slack.say({ user: BOB, channel: DEPLOYS, text: "Bancontact is merged. Ann, it is on staging in a few minutes." });
    const ts = await stage.post({ text: "…", blocks: [] });
    await using opened = await openPage(browser, stage.at({ theme }), { viewport });
    for (const [name, model] of Object.entries(everyCard())) {
      const drawn = renderCard(model, context);
      const [head] = drawn.blocks;
      const title = head?.type === "header" ? head.text.text : "";
      await stage.edit(ts, drawn);
      await opened.page.locator(`[data-ts="${ts}"] h3`, { hasText: title }).waitFor();
      expect([name, await checkLayout(opened.page)]).toEqual([name, []]);
    }
    expect(opened.faults).toEqual([]);
  });

  test.each([
    ["wide", WIDE],
    ["phone", PHONE],
  ] as const)("hostile words break no box: %s, %o", async (_name, viewport) => {
    await using stage = await startStage();
    const ts = await stage.post({ text: "…", blocks: [] });
    await using opened = await openPage(browser, stage.at(), { viewport });
    let edits = 0;
    for (const [index] of HOSTILE.entries()) {
      const cards = everyCard(hostile(index));
      for (const model of [cards["pipeline"], cards["approval"], cards["executing"], cards["regression"], cards["rolled_back"]]) {
        if (model === undefined) throw new Error("a state has no card");
        await stage.edit(ts, renderCard(model, context));
        edits += 1;
        await opened.page.locator(`[data-ts="${ts}"] [data-edits="${edits}"]`).waitFor();
        expect([index, await checkLayout(opened.page)]).toEqual([index, []]);
      }
    }
    expect(opened.faults).toEqual([]);
  });
});
