import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { renderCard } from "../../src/slack/render/card.ts";
import { context } from "../slack/shop.ts";
import { everyCard } from "../slack/cards.ts";
import { checkLayout } from "../support/layout-check.ts";
import { noBrowser, openPage, startBrowser } from "./browser.ts";
import { startStage } from "./stage.ts";
import { BOB, DEPLOYS, EVE } from "./team.ts";

const cards = everyCard();

function drawing(name: string): ReturnType<typeof renderCard> {
  const model = cards[name];
  if (model === undefined) throw new Error(`there is no card ${name}`);
  return renderCard(model, context);
}

describe.skipIf(noBrowser !== null)(`the channel and its threads${noBrowser === null ? "" : ` (${noBrowser})`}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser?.close());

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

  test("a picture stands below its message, with words for those who cannot see it", async () => {
    await using stage = await startStage();
    const { getUploadURLExternal, completeUploadExternal } = stage.web.files;
    // One white pixel.
    const base64 = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8/5+hHgAHggJ/PchI7wAAAABJRU5ErkJggg==";
    const png = Buffer.from(base64, "base64");
    const asked = { filename: "shop-12.png", length: png.length, alt_txt: "Errors a minute: before 0.3" };
    const ticket = await getUploadURLExternal(asked);
    await fetch(ticket.upload_url ?? "", { method: "POST", body: png });
    await completeUploadExternal({ files: [{ id: ticket.file_id ?? "", title: "Errors a minute" }], channel_id: DEPLOYS });
    await using opened = await openPage(browser, stage.at());
    const image = opened.page.locator("[data-picture] img");
    await expect.poll(() => image.getAttribute("src")).toBe(`data:image/png;base64,${base64}`);
    expect(await image.getAttribute("alt")).toBe("Errors a minute: before 0.3");
  });

  test("a file of text opens below its message, and stays open when the message is drawn again", async () => {
    await using stage = await startStage();
    const { uploadV2 } = stage.web.files;
    await uploadV2({
      channel_id: DEPLOYS,
      filename: "shop-production-12.log",
      content: "==> web-1 migrate\n<b>no such table</b>",
      initial_comment: "The log",
    });
    await using opened = await openPage(browser, stage.at());
    const file = opened.page.locator("details[data-file]");
    await file.locator("summary").click();
    await expect.poll(() => file.locator("pre").textContent()).toBe("==> web-1 migrate\n<b>no such table</b>");
    stage.slack.say({ user: BOB, channel: DEPLOYS, text: "seen" });
    await opened.page.getByText("seen").waitFor();
    expect(await file.locator("pre").isVisible()).toBe(true);
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
});
