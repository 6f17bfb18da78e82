import { describe, expect, test } from "vitest";
import { noBrowser } from "../slack-page/browser.ts";
import { look } from "./look.ts";
import { openScene } from "./scene.ts";
import { becomes, cardTitled, confirm, press, reads, say, type Scene, SOON_MS, teller, type Visitor } from "./visitor.ts";

const tell = teller();

describe.skipIf(noBrowser !== null)(`the whole story in a browser${noBrowser === null ? "" : ` (${noBrowser})`}`, () => {
  test("from a push to a roll back, by clicks and keys alone", { timeout: 1_800_000 }, async () => {
    await using opened = await openScene();
    const { scene } = opened;
    tell("The page is open.");
    await isTested(scene);
    await isRefused(scene);
    await asksForCommands(scene);
    await isDeployed(scene);
    await goesLive(scene);
    await regresses(scene);
    await isRolledBack(scene);
    await looksAround(scene);
    expect(opened.faults()).toEqual([]);
  });
});

async function isTested(scene: Scene): Promise<void> {
  await cardTitled(scene.desk, /^Testing: shop/u);
  await reads(scene.desk, /Integration (?:is|and Unit are) running|Ready: 1 change/u);
  await look(scene.all, "pipeline");
  tell("A commit is being tested.");
}

async function isRefused(scene: Scene): Promise<void> {
  const { desk } = scene;
  await cardTitled(desk, /^Approval needed: shop to production/u);
  tell("Production waits for a yes.");
  await becomes(scene, "Eve");
  await reads(desk, "Press Approve & Deploy as Eve");
  await desk.page.locator("#replies").getByText("Approval needed:").waitFor({ timeout: SOON_MS });
  await look(scene.all, "approval");
  for (const visitor of scene.all) await approveIsInSight(visitor);
  await press(await cardTitled(desk, /^Approval needed/u), "Approve & Deploy");
  await desk.page.locator("#confirm").waitFor();
  await look([desk], "question");
  expect(await confirm(desk, "Approve & Deploy")).toMatch(/^Deploy 1 change to production\?\s+web-1 and web-2/u);
  const answer = desk.page.locator("[data-ephemeral]").last();
  await answer
    .getByText(/Not deployed/u)
    .first()
    .waitFor({ timeout: SOON_MS });
  expect.soft(await answer.innerText()).toMatch(/only you can see this/iu);
  expect.soft(await answer.innerText()).toMatch(/Nothing has changed[\s\S]*Who can:[\s\S]*Ann/u);
  await look(scene.all, "refused");
  tell("Eve is refused, and told who may.");
}

async function approveIsInSight({ page, isPhone }: Visitor): Promise<void> {
  const box = await page.locator("#tl .card button", { hasText: "Approve & Deploy" }).boundingBox();
  const room = await page.locator("#tl").boundingBox();
  if (box === null || room === null) throw new Error("the card has no Approve & Deploy");
  expect.soft([isPhone, box.y >= room.y, box.y + box.height <= room.y + room.height]).toEqual([isPhone, true, true]);
}

async function asksForCommands(scene: Scene): Promise<void> {
  const { desk } = scene;
  const { page } = desk;
  const answers = page.locator("[data-ephemeral]");
  const answered = async (command: string, words: RegExp): Promise<void> => {
    await say(desk, command);
    await answers.filter({ hasText: words }).last().waitFor({ timeout: SOON_MS });
  };
  await answered("/deploy shpo", /“shpo” is neither a command nor an app\.[\s\S]*\/deploy shop/u);
  await look(scene.all, "typo");
  await answered("/deploy help", /What you can type\./u);
  await look(scene.all, "help");
  await answered("/deploy status", /shop in production/u);
  await look(scene.all, "status");
  await say(desk, "/deploy shop");
  const modal = page.locator("#modal");
  await modal.getByRole("heading").first().waitFor({ timeout: SOON_MS });
  for (const visitor of scene.all) await visitor.page.locator("#modal select").first().waitFor({ timeout: SOON_MS });
  await look(scene.all, "modal");
  await modal.getByRole("button", { name: "Close" }).first().click();
  await modal.waitFor({ state: "hidden", timeout: SOON_MS });
  tell("A typo, help, status and the form are answered.");
}

async function isDeployed(scene: Scene): Promise<void> {
  const { desk } = scene;
  await becomes(scene, "Ann");
  await press(await cardTitled(desk, /^Approval needed/u), "Approve & Deploy");
  await confirm(desk, "Approve & Deploy");
  await cardTitled(desk, /^Deploying: shop to production/u);
  tell("Ann approved.");
  await reads(desk, /web-1 is /u);
  await press(desk.page.locator("#guide, #world").last(), "Kill the bot");
  await reads(desk, "Bot down. The deployment goes on.");
  await look(scene.all, "killed");
  tell("The bot is killed.");
  await press(desk.page.locator("#banner"), "Start the bot again");
  await desk.page.locator("#banner").waitFor({ state: "hidden", timeout: SOON_MS });
  tell("It is up again.");
  // The thread keeps what was done; on a slow machine the card may be live before it was drawn half-way.
  await reads(desk, /web-1, restart: done in/u);
  await reads(desk, /web-2 is|Live since/u);
  await look(scene.all, "deploying");
  tell("One server is done, the other at work.");
}

async function goesLive(scene: Scene): Promise<void> {
  const live = await cardTitled(scene.desk, /^Live: shop in production/u);
  expect.soft(await live.innerText()).not.toMatch(/healthy/iu);
  tell("It is live.");
  await reads(scene.desk, /no problem seen so far/u);
  await look(scene.all, "watching");
  await cardTitled(scene.desk, /^Healthy: shop in production/u);
  await look(scene.all, "healthy");
  expect.soft(await scene.desk.page.locator("#tl .card").count()).toBe(1);
  tell("The watch has ended: healthy.");
}

async function regresses(scene: Scene): Promise<void> {
  const { desk } = scene;
  await press(desk.page.locator("#guide"), "Push a bad commit");
  const asking = await cardTitled(desk, /^Approval needed/u);
  await press(asking, "Approve & Deploy");
  await confirm(desk, "Approve & Deploy");
  tell("Ann approved the commit that breaks.");
  await cardTitled(desk, /^Regression(?: seen)?: shop in production/u);
  await reads(desk, /@bob/iu);
  await becomes(scene, "Bob");
  await look(scene.all, "regression");
  tell("The regression is seen, Bob is called.");
}

async function isRolledBack(scene: Scene): Promise<void> {
  const { desk } = scene;
  await press(await cardTitled(desk, /^Regression/u), /^Roll back to [0-9a-f]{7}$/u);
  await desk.page.locator("#confirm").waitFor();
  await look([desk], "roll-back-question");
  await confirm(desk, "Roll back");
  await cardTitled(desk, /^Rolling back: shop in production/u);
  await look(scene.all, "rolling-back");
  await cardTitled(desk, /^Rolled back: shop in production/u);
  tell("Both servers are back.");
  await reads(desk, "The errors have stopped.");
  await look(scene.all, "rolled-back");
  tell("The errors have stopped.");
  const picture = desk.page.locator("[data-picture] img[src^='data:image/png']").first();
  await picture.waitFor({ timeout: SOON_MS });
  expect.soft(await picture.getAttribute("alt")).toMatch(/^shop in production, #\d+, deployed .+ Errors a minute: before/u);
  await look(scene.all, "picture");
  tell("The picture stands in the thread.");
}

async function looksAround(scene: Scene): Promise<void> {
  for (const { page, isPhone } of scene.all) {
    if (isPhone) await page.locator(".phone label", { hasText: "Thread" }).click();
    else await page.getByRole("navigation", { name: "Channels" }).getByText(/Home/u).last().click();
  }
  await scene.desk.page
    .locator("#home")
    .getByText(/shop in production/u)
    .first()
    .waitFor({ timeout: SOON_MS });
  await look(scene.all, "home-and-thread");
  await scene.all[1]?.page.locator(".phone label", { hasText: "Simulator" }).click();
  await look(scene.all.slice(1), "simulator");
}
