import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { renderAnswer } from "../../src/slack/render/answer.ts";
import { renderCard } from "../../src/slack/render/card.ts";
import { context } from "../slack/shop.ts";
import { everyCard } from "../slack/cards.ts";
import { checkLayout } from "../support/layout-check.ts";
import { noBrowser, openPage, PHONE, startBrowser } from "./browser.ts";
import { startStage } from "./stage.ts";
import { ANN, BOB, DEPLOYS, EVE } from "./team.ts";
import { deployForm, option } from "./views.ts";

const cards = everyCard();

function drawing(name: string): ReturnType<typeof renderCard> {
  const model = cards[name];
  if (model === undefined) throw new Error(`there is no card ${name}`);
  return renderCard(model, context);
}

const refusal = renderAnswer(
  { kind: "refused", refusal: { title: "Not deployed: you may not approve this, Eve", reasons: [], who: "Ann or Farid", change: null } },
  context,
);

describe.skipIf(noBrowser !== null)(`presses on the page${noBrowser === null ? "" : ` (${noBrowser})`}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser?.close());

  test("a button with a confirmation asks first, spins until the ack, and its answer is only for who pressed", async () => {
    await using stage = await startStage();
    const ts = await stage.post(drawing("approval"));
    const pressed: string[] = [];
    const gate = Promise.withResolvers<void>();
    await stage.bot((app) => {
      app.action(/approve/u, async ({ ack, body, client }) => {
        pressed.push(body.user.id);
        await gate.promise;
        await ack();
        await client.chat.postEphemeral({ channel: DEPLOYS, user: body.user.id, ...refusal });
      });
    });
    await using opened = await openPage(browser, stage.at({ as: EVE }));
    const { page } = opened;
    const approve = page.locator(`[data-ts="${ts}"] .btn.primary`);
    await approve.click();
    expect(await page.locator("#confirm h2").innerText()).toBe("Deploy 3 changes to production?");
    expect(await page.locator("#confirm [data-confirm=yes]").evaluate((one) => one === one.ownerDocument.activeElement)).toBe(true);
    await page.keyboard.press("Escape");
    await page.locator("#confirm").waitFor({ state: "hidden" });
    expect(await approve.evaluate((one) => one === one.ownerDocument.activeElement)).toBe(true);
    expect(pressed).toEqual([]);

    await page.keyboard.press("Enter");
    await page.locator("#confirm").waitFor();
    await page.locator(`[data-user=${BOB}]`).click();
    await page.locator("#confirm").waitFor({ state: "hidden" });
    await page.locator(`[data-user=${EVE}]`).click();
    await approve.focus();

    await page.keyboard.press("Enter");
    await page.locator("[data-confirm=yes]").click();
    await page.locator(`[data-ts="${ts}"] .btn.primary[aria-busy=true]`).waitFor();
    gate.resolve();
    const answer = page.locator("[data-ephemeral]");
    await answer.waitFor();
    expect(await answer.innerText()).toMatch(/only you can see this[\s\S]*Not deployed: you may not approve this, Eve/u);
    expect(await page.locator("[aria-busy=true]").count()).toBe(0);
    expect(pressed).toEqual([EVE]);
    await page.locator(`[data-user=${ANN}]`).click();
    await answer.waitFor({ state: "detached" });
    await page.locator(`[data-user=${EVE}]`).click();
    await answer.waitFor();
    expect(opened.faults).toEqual([]);
  });

  test("a press that nobody answers says so under the button, and a command in a sentence of its own", async () => {
    await using stage = await startStage();
    const ts = await stage.post(drawing("executing"));
    await using opened = await openPage(browser, stage.at({ as: ANN }));
    const { page } = opened;
    await page.locator(`[data-ts="${ts}"] [data-action-id]`).click();
    await page.locator("[data-confirm=yes]").click();
    const failed = page.locator(`[data-ts="${ts}"] [data-failed]`);
    await failed.waitFor();
    expect(await failed.innerText()).toContain("Nobody is connected to answer. This app responded with an error or not at all. Try again.");
    await page.locator("#say").fill("/deploy shop");
    await page.keyboard.press("Enter");
    expect(await page.locator("[data-notice]").innerText()).toContain('/deploy failed with the error "dispatch_failed"');
    await expect.poll(() => page.locator("#strip [data-figure=unanswered]").innerText()).toBe("2 presses not answered within 3 s");
    expect(await checkLayout(page)).toEqual([]);
  });

  test("a modal: hints, search in a select, choices, the errors of the client and of the bot, and what is sent", async () => {
    await using stage = await startStage();
    const sent: unknown[] = [];
    await stage.bot((app) => {
      app.command("/deploy", async ({ ack, client, body }) => {
        await ack();
        await client.views.open({ trigger_id: body.trigger_id, view: deployForm });
      });
      app.action("environment", async ({ ack }) => ack());
      app.options("version", async ({ ack, options }) => {
        const all = [option("9f3c2ab, newest that passed", "9f3c2ab"), option("4c1e77d, live now", "4c1e77d")];
        await ack({ options: all.filter((one) => one.text.text.includes(options.value)) });
      });
      app.view("deploy", async ({ ack, view }) => {
        const { values } = view.state;
        sent.push(values);
        const reason = values["why"]?.["reason"]?.value ?? "";
        await (reason === "because" ? ack({ response_action: "errors", errors: { why: "Say it in more words." } }) : ack());
      });
    });
    await using opened = await openPage(browser, stage.at({ as: ANN }));
    const { page } = opened;
    await page.locator("#say").fill("/de");
    expect(await page.locator("[data-command]").innerText()).toContain("/deploy");
    await page.keyboard.press("Tab");
    expect(await page.locator("#say").inputValue()).toBe("/deploy ");
    await page.keyboard.press("Enter");
    const modal = page.locator("#modal");
    await modal.locator("h2", { hasText: "Deploy shop" }).waitFor();
    expect(await checkLayout(page)).toEqual([]);

    await modal.locator("[data-submit]").click();
    expect(await modal.locator("[data-error=what]").innerText()).toContain("Please complete this required field.");
    await modal.locator("[data-action-id=version]").fill("live");
    await expect.poll(() => modal.locator("[role=option]").allInnerTexts()).toEqual(["4c1e77d, live now"]);
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    expect(await modal.locator("[data-action-id=version]").inputValue()).toBe("4c1e77d, live now");
    await modal.locator("[data-action-id=environment]").selectOption("staging");
    await modal.locator("[data-action-id=whom] label", { hasText: "#general" }).click();
    await modal.locator("[data-action-id=reason]").fill("because");
    await modal.locator("[data-submit]").click();
    expect(await modal.locator("[data-error=why]").innerText()).toContain("Say it in more words.");
    expect(await modal.locator("[data-action-id=reason]").getAttribute("aria-invalid")).toBe("true");
    expect(await modal.locator("[data-action-id=reason]").inputValue()).toBe("because");

    await modal.locator("[data-action-id=reason]").fill("because the sale begins");
    await modal.locator("[data-submit]").click();
    await modal.waitFor({ state: "hidden" });
    expect(sent.at(-1)).toMatchObject({
      where: { environment: { selected_option: { value: "staging" } } },
      what: { version: { selected_option: { value: "4c1e77d" } } },
      why: { reason: { value: "because the sale begins" } },
      how: { pace: { selected_option: { value: "one" } } },
      tell: { whom: { selected_options: [{ value: "general" }] } },
    });
    expect(opened.faults).toEqual([]);
  });

  test("a modal belongs to one person, is a sheet on the phone, and keeps what was typed", async () => {
    await using stage = await startStage();
    await stage.bot((app) => {
      app.command("/deploy", async ({ ack, client, body }) => {
        await ack();
        await client.views.open({ trigger_id: body.trigger_id, view: deployForm });
      });
    });
    await using opened = await openPage(browser, stage.at({ as: ANN }), { viewport: PHONE });
    const { page } = opened;
    await page.locator("#say").fill("/deploy");
    await page.keyboard.press("Enter");
    await page.locator("#modal").waitFor();
    expect(await checkLayout(page)).toEqual([]);
    expect(await page.locator("#modal").evaluate((one) => one.clientWidth)).toBe(PHONE.width);
    await page.locator("[data-action-id=reason]").fill("half a thought");
    await page.locator("#who2").selectOption(BOB);
    await page.locator("#modal").waitFor({ state: "hidden" });
    await page.locator("#who2").selectOption(ANN);
    await page.locator("#modal").waitFor();
    expect(await page.locator("[data-action-id=reason]").inputValue()).toBe("half a thought");
    await page.locator("[data-view-close=all]").click();
    await page.locator("#modal").waitFor({ state: "hidden" });
    expect(stage.slack.state().views).toEqual({});
  });

  test("an overflow menu by keyboard sends the option that was picked", async () => {
    await using stage = await startStage();
    const ts = await stage.post(drawing("needs_attention"));
    const picked: string[] = [];
    await stage.bot((app) => {
      app.action(/./u, async ({ ack, action }) => {
        if (action.type === "overflow") picked.push(action.selected_option.text.text);
        await ack();
      });
    });
    await using opened = await openPage(browser, stage.at({ as: ANN }));
    const { page } = opened;
    await page.locator(`[data-ts="${ts}"] .card [aria-haspopup=menu]`).press("Enter");
    const wanted = page.getByRole("menuitem", { name: "Roll back…" });
    for (let step = 0; step < 5 && !(await wanted.evaluate((one) => one === one.ownerDocument.activeElement)); step += 1)
      await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await expect.poll(() => picked).toEqual(["Roll back…"]);
    await page.locator("[role=menu]").waitFor({ state: "detached" });
  });
});
