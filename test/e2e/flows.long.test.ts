import { describe, expect, test } from "vitest";
import { noBrowser, openPage, PHONE, startBrowser } from "../slack-page/browser.ts";
import { startDemo } from "./demo-process.ts";
import { look } from "./look.ts";
import { actAs, cardTitled, confirm, press, reads, say, SOON_MS, type Visitor } from "./visitor.ts";

/** What people do beside the story, where production wants a look at staging and two yeses: by clicks and typing alone. */

type Scene = { readonly desk: Visitor; readonly all: readonly Visitor[] };

const begun = Date.now();

function tell(sentence: string): void {
  console.log(`${((Date.now() - begun) / 1000).toFixed(1).padStart(6)} s  ${sentence}`);
}

async function becomes({ all }: Scene, name: string): Promise<void> {
  for (const visitor of all) await actAs(visitor, name);
}

/** The newest answer that only this person sees. */
async function isAnswered({ page }: Visitor, words: RegExp): Promise<void> {
  await page.locator("[data-ephemeral]").filter({ hasText: words }).last().waitFor({ timeout: SOON_MS });
}

/** Fills in the one text of the form that opened, and sends it. */
async function reasons({ page }: Visitor, words: string): Promise<void> {
  const modal = page.locator("#modal");
  await modal.locator("textarea").waitFor({ timeout: SOON_MS });
  await modal.locator("textarea").fill(words);
  await modal.locator("[data-submit]").click();
  await modal.waitFor({ state: "hidden", timeout: SOON_MS });
}

describe.skipIf(noBrowser !== null)(`the other flows in a browser${noBrowser === null ? "" : ` (${noBrowser})`}`, () => {
  test("a look at staging, two yeses and all that may come between", { timeout: 1_800_000 }, async () => {
    await using browser = await startBrowser();
    await using demo = await startDemo("--strict");
    await using wide = await openPage(browser, demo.address);
    await using phone = await openPage(browser, demo.address, { viewport: PHONE });
    const desk = { page: wide.page, isPhone: false };
    const scene = { desk, all: [desk, { page: phone.page, isPhone: true }] };
    tell("The page is open.");
    await isLookedAt(scene);
    await isRefusedToAGuest(scene);
    await isRejectedAndOfferedAgain(scene);
    await isApprovedByTwo(scene);
    await isRolledBack(scene);
    expect.soft(await desk.page.locator("#strip [data-figure=strangers]").count()).toBe(0);
    expect([...wide.faults, ...phone.faults]).toEqual([]);
  });
});

async function isLookedAt(scene: Scene): Promise<void> {
  const { desk } = scene;
  await becomes(scene, "Ann");
  await press(await cardTitled(desk, /^Validation needed: shop in staging/u), "Not yet…");
  await desk.page.locator("#modal textarea").waitFor({ timeout: SOON_MS });
  await look(scene.all, "not-yet-form");
  await reasons(desk, "The total is without tax");
  await reads(desk, /said not yet: The total is without tax/u);
  await look(scene.all, "not-yet");
  tell("Ann said not yet, and why.");

  await (await cardTitled(desk, /^Not yet: shop in staging/u)).locator("[data-action-id=look_ways]").click();
  await desk.page.getByRole("menuitem", { name: "Hold staging while I look" }).click();
  await reads(desk, /holds staging/u);
  await look(scene.all, "staging-held");
  await (await cardTitled(desk, /: shop in staging/u)).locator("[data-action-id=look_ways]").click();
  await desk.page.getByRole("menuitem", { name: "Let staging go on" }).click();
  tell("Staging was held while she looked.");

  await press(await cardTitled(desk, /: shop in staging/u), "Looks good");
  await cardTitled(desk, /^Approval needed: shop to production/u);
  await look(scene.all, "approval-of-two");
  tell("She looked again: production waits for two yeses.");
}

async function isRefusedToAGuest(scene: Scene): Promise<void> {
  await becomes(scene, "Gus");
  await press(await cardTitled(scene.desk, /^Approval needed/u), /^Approve/u);
  await confirm(scene.desk, "Approve");
  await isAnswered(scene.desk, /Not (?:deployed|approved)/u);
  await look(scene.all, "guest-refused");
  tell("A guest may not.");
}

async function isRejectedAndOfferedAgain(scene: Scene): Promise<void> {
  const { desk } = scene;
  await becomes(scene, "Farid");
  await press(await cardTitled(desk, /^Approval needed/u), "Reject…");
  await reasons(desk, "The price list is from last year");
  const rejected = await cardTitled(desk, /^Rejected: shop to production/u);
  await look(scene.all, "rejected");
  await press(rejected, "Offer again");
  await confirm(desk, "Offer again");
  await cardTitled(desk, /^Approval needed: shop to production/u);
  tell("Rejected with a reason, and offered again.");
}

async function isApprovedByTwo(scene: Scene): Promise<void> {
  const { desk } = scene;
  await becomes(scene, "Ann");
  await press(await cardTitled(desk, /^Approval needed/u), /^Approve/u);
  await confirm(desk, "Approve");
  await reads(desk, /waits for one more yes/u);
  await look(scene.all, "one-of-two");
  await becomes(scene, "Farid");
  await press(await cardTitled(desk, /^Approval needed/u), "Approve & Deploy");
  await confirm(desk, "Approve & Deploy");
  await cardTitled(desk, /^(?:Live|Healthy)[^:]*: shop in production/u);
  tell("Two said yes, and it is live.");
}

async function isRolledBack(scene: Scene): Promise<void> {
  const { desk } = scene;
  await becomes(scene, "Bob");
  await say(desk, "/deploy rollback shop production");
  const modal = desk.page.locator("#modal");
  await modal.getByRole("heading", { name: "Roll back" }).waitFor({ timeout: SOON_MS });
  await modal.locator("[data-submit]").waitFor({ timeout: SOON_MS });
  await look(scene.all, "roll-back-form");
  await modal.locator("[data-submit]").click();
  await cardTitled(desk, /^Rolled back: shop in production/u);
  await look(scene.all, "rolled-back-by-hand");
  tell("Bob chose what it goes back to.");
}
