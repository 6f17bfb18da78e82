import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { noBrowser, openPage, PHONE, startBrowser } from "../slack-page/browser.ts";
import { checkLayout } from "../support/layout-check.ts";
import { until } from "../support/until.ts";
import { standingOf } from "../support/engine-world.ts";
import { controlToken } from "../slack-simulator/seed.ts";
import { openHomeWorld, sha } from "./home-world.ts";

/** The Home tab in a browser, by clicks and typing only, with the real bot behind it. Pictures only where PICTURES says. */

const PAGE = fileURLToPath(new URL("../../sandbox/slack/page/", import.meta.url));
const SOON = { timeout: 60_000 };

async function look(page: Page, name: string): Promise<void> {
  const folder = process.env["PICTURES"] ?? "";
  if (folder !== "") {
    await mkdir(folder, { recursive: true });
    await page.screenshot({ path: join(folder, `home-${name}.png`), animations: "disabled" });
  }
  expect(await checkLayout(page)).toEqual([]);
  expect(await page.locator("#home").innerText()).not.toMatch(/undefined|NaN|\[object|\bnull\b|:[a-z_]+:|<!date|&(?:amp|lt);/u);
}

async function chooses(page: Page, app: string): Promise<boolean> {
  try {
    const choice = page.locator("#home").getByRole("combobox").last();
    await choice.fill(app.slice(0, 2), { timeout: 5_000 });
    await page.getByRole("option", { name: app }).click({ timeout: 5_000 });
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(noBrowser !== null)(`the Home tab in a browser${noBrowser === null ? "" : ` (${noBrowser})`}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser?.close());

  test("a yes, a lock and a mute on it, each seen to change it without opening it again", async () => {
    await using world = await openHomeWorld({ pageFolder: PAGE });
    await world.must("shop/production", { kind: "found_live", hosts: [{ host: "web-1.acme.test", revision: sha(1) }] });
    await world.ask("shop/production", sha(2), "U03EVE");
    const demo = { kind: "lock", standing: standingOf("U02BOB", { approver: false }), reason: "a demonstration" } as const;
    await world.must("vault/production", { ...demo, until: new Date(Date.now() + 3_600_000) });
    world.bot.painter.start();
    const address = `${world.slack.url}/?token=${controlToken}&as=U01ANN&theme=light`;
    await using opened = await openPage(browser, address);
    const { page } = opened;
    const home = page.locator("#home");
    await page.locator("[data-room=home]").first().click();
    await home.getByRole("heading", { name: "1 thing waits for you" }).waitFor(SOON);
    await look(page, "wide");

    await home.locator("button", { hasText: "Approve & Deploy" }).click();
    await page.locator("#confirm button", { hasText: "Approve & Deploy" }).last().click();
    await home.getByRole("heading", { name: "Nothing waits for you" }).waitFor(SOON);
    await home.getByText("waits for its turn").first().waitFor(SOON);

    await home.locator("button", { hasText: "Unlock" }).click();
    await page.locator("#confirm button", { hasText: "Unlock" }).last().click();
    await home.getByText("a demonstration").waitFor({ state: "detached", ...SOON });

    await home
      .getByRole("button", { name: /more|menu|options/iu })
      .first()
      .click();
    await page.getByRole("menuitem", { name: "Lock…" }).click();
    await page.locator("#modal textarea, #modal input[type=text]").first().fill("looking at it");
    await page.locator("#modal [data-submit]").click();
    await home.getByText(/is held by you until .*: looking at it/u).waitFor(SOON);
    await look(page, "held");
    await using phone = await openPage(browser, address, { viewport: PHONE });
    await phone.page.locator("[data-room=home]").first().click();
    await phone.page.locator("#home").getByText("looking at it").waitFor(SOON);
    await look(phone.page, "phone");

    // A tab that is drawn anew meanwhile closes the list: whoever chooses opens it again.
    await until(() => chooses(page, "shop"), undefined, 120_000);
    await home.getByText("shop muted until you unmute it").waitFor(SOON);
    await home.locator("button", { hasText: "Unmute" }).click();
    await home.getByText("You hear privately of your own changes").waitFor(SOON);
    expect(opened.faults).toEqual([]);
    expect(world.bot.faults).toEqual([]);
  });
});
