import type { ModalView } from "@slack/types";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { renderCard } from "../../src/slack/render/card.ts";
import { context } from "../slack/shop.ts";
import { everyCard } from "../slack/cards.ts";
import { checkLayout } from "../support/layout-check.ts";
import { noBrowser, openPage, PHONE, startBrowser, WIDE } from "./browser.ts";
import { startStage, type Stage } from "./stage.ts";
import { ANN, DEPLOYS } from "./team.ts";
import { option, plain } from "./views.ts";

const later: ModalView = {
  type: "modal",
  callback_id: "later",
  title: plain("Approve for later"),
  submit: plain("Approve"),
  blocks: [
    { type: "alert", level: "warning", text: { type: "mrkdwn", text: "Nothing goes live on Friday after 15:00." } },
    {
      type: "input",
      block_id: "version",
      label: plain("Which version?"),
      element: { type: "external_select", action_id: "search", min_query_length: 0, placeholder: plain("Search") },
    },
    {
      type: "input",
      block_id: "when",
      label: plain("From when on?"),
      element: { type: "datetimepicker", action_id: "at", initial_date_time: Date.parse("2026-11-25T09:00:00Z") / 1000 },
    },
  ],
};

const groups = [
  { label: plain("Ready"), options: [{ ...option("Pay with Bancontact", "9f3c2ab"), description: plain("passed 5 min ago") }] },
  { label: plain("Branches"), options: [option("main", "main"), option("fix-prices", "fix-prices")] },
];

/** Opens the form for whoever picks the global shortcut, and notes what is sent. */
async function withForm(stage: Stage): Promise<{ readonly sent: unknown[]; readonly picked: unknown[] }> {
  const [sent, picked]: unknown[][] = [[], []];
  await stage.bot((app) => {
    app.shortcut("new_deploy", async ({ ack, client, body }) => {
      await ack();
      await client.views.open({ trigger_id: body.trigger_id, view: later });
    });
    app.shortcut({ type: "message_action", callback_id: "roll_back_this" }, async ({ ack, body }) => {
      await ack();
      picked?.push([body.user.id, body.message_ts]);
    });
    app.options("search", async ({ ack, options }) => {
      if (options.value === "never") return;
      const found = groups.map((group) => ({ ...group, options: group.options.filter((one) => one.text.text.includes(options.value)) }));
      await ack({ option_groups: found.filter((group) => group.options.length > 0) });
    });
    app.view("later", async ({ ack, view }) => {
      sent?.push([view.state.values["version"]?.["search"]?.selected_option?.value, view.state.values["when"]?.["at"]?.selected_date_time]);
      await ack();
    });
  });
  return { sent: sent ?? [], picked: picked ?? [] };
}

async function pickShortcut(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name: "Shortcuts" }).press("Enter");
  await page.getByRole("menuitem", { name }).press("Enter");
}

describe.skipIf(noBrowser !== null)(`forms and menus on the page${noBrowser === null ? "" : ` (${noBrowser})`}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser?.close());

  test("a form from the global shortcut is filled in by keyboard alone: search in groups, date and time in the reader's zone", async () => {
    await using stage = await startStage();
    const { sent } = await withForm(stage);
    await using opened = await openPage(browser, stage.at({ as: ANN }));
    const { page } = opened;
    await pickShortcut(page, "New deployment");
    const modal = page.locator("#modal");
    await modal.getByRole("heading", { name: "Approve for later" }).waitFor();
    const search = modal.getByRole("combobox", { name: "Which version?" });
    await search.focus();
    await expect.poll(() => modal.locator("[role=option]").count()).toBe(3);
    expect(await modal.locator("[role=listbox]").innerText()).toMatch(
      /Ready[\s\S]*Pay with Bancontact[\s\S]*passed 5 min ago[\s\S]*Branches[\s\S]*fix-prices/u,
    );
    expect(await search.getAttribute("aria-expanded")).toBe("true");
    for (const key of ["ArrowDown", "End", "Home", "ArrowUp"]) await page.keyboard.press(key);
    const active = await search.getAttribute("aria-activedescendant");
    expect(await modal.locator(`[id="${active}"]`).innerText()).toBe("fix-prices");
    await page.keyboard.press("Escape");
    expect(await search.getAttribute("aria-expanded")).toBe("false");
    await modal.getByRole("heading", { name: "Approve for later" }).waitFor();
    await search.fill("main");
    await expect.poll(() => modal.locator("[role=option]").allInnerTexts()).toEqual(["main"]);
    await page.keyboard.press("Enter");
    expect(await search.inputValue()).toBe("main");

    const when = modal.getByLabel("From when on?");
    expect(await when.inputValue()).toBe("2026-11-25T10:00");
    expect(await modal.locator("[data-block=input]").last().innerText()).toContain("Europe/Brussels");
    await when.fill("2027-07-01T08:30");
    await modal.locator("[data-submit]").press("Enter");
    await modal.waitFor({ state: "hidden" });
    expect(sent).toEqual([["main", Date.parse("2027-07-01T06:30:00Z") / 1000]]);
    expect(opened.faults).toEqual([]);
  });

  test("a search that the bot does not answer says so, and the next one works", { timeout: 60_000 }, async () => {
    await using stage = await startStage();
    await withForm(stage);
    await using opened = await openPage(browser, stage.at({ as: ANN }));
    const { page } = opened;
    await pickShortcut(page, "New deployment");
    const search = page.getByRole("combobox", { name: "Which version?" });
    await search.fill("never");
    await page.locator("#modal [role=listbox]").getByText("Failed to load options").waitFor();
    await search.fill("main");
    await expect.poll(() => page.locator("#modal [role=option]").allInnerTexts()).toEqual(["main"]);
  });

  test("every message has its shortcuts, in the channel and in the thread, where its versions are too", async () => {
    await using stage = await startStage();
    const { picked } = await withForm(stage);
    const model = everyCard()["watching"];
    if (model === undefined) throw new Error("there is no card watching");
    const ts = await stage.post(renderCard(model, context));
    const reply = await stage.post({ text: "It is live.", blocks: [] }, { thread_ts: ts });
    const said = stage.slack.say({ user: ANN, channel: DEPLOYS, text: "Good." });
    await using opened = await openPage(browser, stage.at({ as: ANN }));
    const { page } = opened;
    for (const [one, where] of [
      [ts, "#tl"],
      [said.ts, "#tl"],
      [reply, "#replies"],
    ] as const) {
      await page.locator(`${where} [data-more="${one}"]`).press("Enter");
      await page.getByRole("menuitem", { name: "Roll back this deployment" }).press("Enter");
      await page.locator("[role=menu]").waitFor({ state: "detached" });
    }
    await expect
      .poll(() => picked)
      .toEqual([
        [ANN, ts],
        [ANN, said.ts],
        [ANN, reply],
      ]);
    await page.locator(`#replies [data-more="${reply}"]`).click();
    await page.getByRole("menuitem", { name: "Versions and JSON" }).click();
    await page.locator("#inspector [data-version='1']").waitFor();
    expect(await page.locator("#inspector pre").last().innerText()).toContain("It is live.");
    expect(opened.faults).toEqual([]);
  });

  test.each([
    ["wide, light", WIDE, "light"],
    ["wide, dark", WIDE, "dark"],
    ["a phone, light", PHONE, "light"],
    ["a phone, dark", PHONE, "dark"],
  ] as const)("the form and its open list are whole and legible: %s", async (_name, viewport, theme) => {
    await using stage = await startStage();
    await withForm(stage);
    await using opened = await openPage(browser, stage.at({ as: ANN, theme }), { viewport });
    const { page } = opened;
    await pickShortcut(page, "New deployment");
    await page.locator("#modal").getByRole("heading").first().waitFor();
    await page.getByRole("combobox", { name: "Which version?" }).focus();
    await expect.poll(() => page.locator("#modal [role=option]").count()).toBe(3);
    expect(await checkLayout(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    await page.locator("#modal").waitFor({ state: "hidden" });
  });

  test("an hour that the clocks skip or repeat is one point in time, and the page follows the simulator's clock", async () => {
    await using stage = await startStage();
    await stage.post({ text: "card", blocks: [{ type: "section", text: { type: "mrkdwn", text: "<!date^1764000000^{ago}|then>" } }] });
    await using opened = await openPage(browser, stage.at({ as: ANN }));
    // As a text: the test runner would make another import of it.
    const found: unknown = await opened.page.evaluate(`import("/text/dates.js").then(({ atLocal, localOf, setZone }) => {
      setZone("Europe/Brussels");
      const times = ["2027-03-28T02:30", "2027-10-31T02:30", "2027-01-01T00:00"];
      return times.map((one) => [localOf(atLocal(one)), new Date(atLocal(one)).toISOString()]);
    })`);
    expect(found).toEqual([
      ["2027-03-28T03:30", "2027-03-28T01:30:00.000Z"],
      ["2027-10-31T02:30", expect.stringMatching(/^2027-10-31T0[01]:30/u)],
      ["2027-01-01T00:00", "2026-12-31T23:00:00.000Z"],
    ]);
    const before = await opened.page.locator("#tl .section").innerText();
    stage.slack.advance(400 * 86_400_000);
    await expect.poll(() => opened.page.locator("#tl .section").innerText()).not.toBe(before);
  });
});
