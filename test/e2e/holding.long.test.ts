import type { Locator } from "playwright-core";
import { describe, expect, test } from "vitest";
import { noBrowser } from "../slack-page/browser.ts";
import { look } from "./look.ts";
import { openScene } from "./scene.ts";
import {
  becomes,
  cardTitled,
  closeForm,
  confirm,
  enter,
  formTitled,
  giveReason,
  isAnswered,
  pick,
  press,
  reads,
  say,
  type Scene,
  send,
  SOON_MS,
  teller,
} from "./visitor.ts";

/** What people type, and how they hold, ask, wait and go back, where production wants a look at staging and two yeses: by clicks and typing alone. */

const tell = teller();
const WAITING = /^Waiting: shop to production/u;
const NEEDED = /^Approval needed: shop to production/u;
/** The title of the commit that "Push a good commit" merges second. */
const SECOND = "Show the delivery date in the basket";
const LIVE = /^(?:Live|Healthy)[^:]*: shop in production/u;

describe.skipIf(noBrowser !== null)(`holding, asking and waiting in a browser${noBrowser === null ? "" : ` (${noBrowser})`}`, () => {
  test("questions, a freeze, yeses for later, a lock and a way further back", { timeout: 1_800_000 }, async () => {
    await using opened = await openScene("--strict");
    const { scene } = opened;
    tell("The page is open.");
    await isValidated(scene);
    await isChosenInAForm(scene);
    await isFrozen(scene);
    await isApprovedForLater(scene);
    await isAskedFor(scene);
    await startsBeforeItsTime(scene);
    await waitsBehindALock(scene);
    await isMuted(scene);
    await goesFurtherBack(scene);
    expect.soft(await scene.desk.page.locator("#strip [data-figure=strangers]").count()).toBe(0);
    expect(opened.faults()).toEqual([]);
  });
});

async function isValidated(scene: Scene): Promise<void> {
  await becomes(scene, "Ann");
  await press(await cardTitled(scene.desk, /^Validation needed: shop in staging/u), "Looks good");
  await cardTitled(scene.desk, NEEDED);
  tell("Production waits for two yeses.");
}

async function isChosenInAForm(scene: Scene): Promise<void> {
  const { desk } = scene;
  await becomes(scene, "Eve");
  await say(desk, "/deploy");
  const form = await formTitled(desk, "Deploy");
  await form.locator("[data-action-id=deploy_environment]").selectOption("production");
  const version = form.locator("[data-action-id=deploy_revision]");
  await form.locator("[data-submit]", { hasText: "Asked already" }).waitFor({ timeout: SOON_MS });
  await form.getByText("Pay with Bancontact").first().waitFor({ timeout: SOON_MS });
  await form.getByRole("link", { name: "Open the card" }).waitFor({ timeout: SOON_MS });
  await look(scene.all, "deploy-form");
  await version.fill("");
  const list = form.getByRole("listbox");
  for (const group of ["Candidates", "Branches", "Tags", "Recent commits"])
    await list.getByText(group, { exact: true }).waitFor({ timeout: SOON_MS });
  await look(scene.all, "deploy-form-search");
  await version.fill("v2.4");
  await expect.poll(() => list.getByRole("option").allInnerTexts(), { timeout: SOON_MS }).toEqual(["v2.4.0"]);
  await list.getByRole("option", { name: "v2.4.0" }).click();
  await form.locator("[data-submit]").waitFor({ state: "detached", timeout: SOON_MS });
  await look(scene.all, "deploy-form-refused");
  await closeForm(desk);
  tell("Eve searched what may go where, and started nothing.");
}

async function isFrozen(scene: Scene): Promise<void> {
  const { desk } = scene;
  await say(desk, "/deploy freeze shop production the trade fair for 2h");
  await isAnswered(desk, /Not frozen/u);
  await becomes(scene, "Ann");
  await say(desk, "/deploy freeze shop production the trade fair for 2h");
  await isAnswered(desk, /frozen until/u);
  await reads(desk, /Ann froze it: the trade fair/u);
  await look(scene.all, "frozen");
  tell("Ann froze production; Eve may not.");
}

async function isApprovedForLater(scene: Scene): Promise<void> {
  const { desk } = scene;
  await press(await cardTitled(desk, NEEDED), "Later…");
  const form = await formTitled(desk, "Approve for later");
  await form.getByText(/At the next opening/u).waitFor({ timeout: SOON_MS });
  await look(scene.all, "later-form-opening");
  await send(desk, "Approve for later");
  await isAnswered(desk, /Your yes counts for .*One more is needed/u);
  await reads(desk, /waits for one more yes/u);
  await becomes(scene, "Farid");
  await press(await cardTitled(desk, NEEDED), "Later…");
  await formTitled(desk, "Approve for later");
  await desk.page.getByLabel("At another time").first().check({ force: true });
  const at = form.locator("[data-action-id=at]");
  await at.fill((await at.inputValue()).replace(/T.*$/u, "T00:00").replace(/^\d{4}/u, "2020"));
  await form.locator("[data-submit]").click();
  await form.locator("[data-error=at]").waitFor({ timeout: SOON_MS });
  await look(scene.all, "later-form-refused");
  await at.fill(localIn(3));
  await send(desk);
  await isAnswered(desk, /Approved for /u);
  await cardTitled(desk, WAITING);
  await look(scene.all, "waiting-for-later");
  tell("Two said yes for later: at the next opening, and at a time.");
}

/** So many hours from now, as a datetime input takes it in the page's time zone. */
function localIn(hours: number): string {
  const at = new Date(Date.now() + hours * 3_600_000);
  const parts = new Intl.DateTimeFormat("sv-SE", { timeZone: "Europe/Brussels", dateStyle: "short", timeStyle: "short" }).format(at);
  return parts.replace(" ", "T");
}

async function isAskedFor(scene: Scene): Promise<void> {
  const { desk } = scene;
  const asked = [
    ["why shop production", /not yet, because/u, "why"],
    ["queue", /It starts at about|waits, 1st|waits/u, "queue"],
    ["diff shop production", /The newest that may go there is/u, "diff"],
    ["history shop", /shop in staging/u, "history"],
    ["status shop", /shop in production/u, "status"],
    ["qeue", /Did you mean/u, "typo"],
  ] as const;
  for (const [words, answer, name] of asked) {
    await say(desk, `/deploy ${words}`);
    await isAnswered(desk, answer);
    await look(scene.all, name);
  }
  tell("why, queue, diff, history and status are answered, and a typo named.");
}

async function startsBeforeItsTime(scene: Scene): Promise<void> {
  const { desk } = scene;
  await becomes(scene, "Eve");
  await press(await cardTitled(desk, WAITING), "Start now");
  await confirm(desk, "Start now");
  await isAnswered(desk, /Not started: you may not approve this/u);
  await becomes(scene, "Farid");
  await press(await cardTitled(desk, WAITING), "Start now");
  await confirm(desk, "Start now");
  await isAnswered(desk, /starts as soon as it may: .*Ann/u);
  await becomes(scene, "Ann");
  await say(desk, "/deploy unfreeze shop production");
  await isAnswered(desk, /The freeze is over/u);
  await cardTitled(desk, LIVE);
  tell("What was for later was started now, when it was not frozen any more.");
}

async function waitsBehindALock(scene: Scene): Promise<void> {
  const { desk } = scene;
  await becomes(scene, "Bob");
  await say(desk, "/deploy lock shop production the sale is on for 2h");
  await isAnswered(desk, /is yours until/u);
  await desk.page.locator("[data-verb=push-good]").click();
  await becomes(scene, "Ann");
  await press(await cardTitled(desk, /^Validation needed: shop in staging/u), "Looks good");
  await press(await cardTitled(desk, NEEDED), "Approve (1 of 2)");
  await confirm(desk, "Approve");
  await isApprovedAtHome(scene);
  const waits = await cardTitled(desk, WAITING);
  await look(scene.all, "waiting-for-lock");
  await press(waits, "Ask to unlock");
  await isAnswered(desk, /Bob is told that you ask/u);
  await becomes(scene, "Bob");
  await enter(desk, "Messages");
  await reads(desk, /Farid asks you to unlock/u);
  await look(scene.all, "asked-to-unlock");
  await enter(desk, "# shop-deploys");
  await say(desk, "/deploy unlock shop production");
  await isAnswered(desk, /Unlocked/u);
  await secondLive(scene);
  tell("Farid asked, Bob unlocked, and it went live.");
}

/** The card of what was merged second, once it is live. */
async function secondLive({ desk }: Scene): Promise<Locator> {
  const live = desk.page.locator("#tl .card", { has: desk.page.getByRole("heading", { name: LIVE }) }).filter({ hasText: SECOND });
  await live.waitFor({ timeout: SOON_MS });
  return live;
}

/** Farid gives the second yes on his Home tab, where no channel has to be looked for. */
async function isApprovedAtHome(scene: Scene): Promise<void> {
  const { desk } = scene;
  await becomes(scene, "Farid");
  for (const visitor of scene.all) await enter(visitor, "Home");
  const home = desk.page.locator("#home");
  await home.getByRole("heading", { name: "1 thing waits for you" }).waitFor({ timeout: SOON_MS });
  await look(scene.all, "home-waiting");
  await press(home, "Approve & Deploy");
  await confirm(desk, "Approve & Deploy");
  await home.getByRole("heading", { name: "Nothing waits for you" }).waitFor({ timeout: SOON_MS });
  await look(scene.all, "home-closed");
  for (const visitor of scene.all) await enter(visitor, "# shop-deploys");
}

async function isMuted(scene: Scene): Promise<void> {
  const { desk } = scene;
  await say(desk, "/deploy mute shop for 3d");
  await isAnswered(desk, /Muted shop until/u);
  await look(scene.all, "muted");
  await say(desk, "/deploy unmute shop");
  await isAnswered(desk, /Not muted any more: shop/u);
  tell("Bob muted the app, and unmuted it.");
}

async function goesFurtherBack(scene: Scene): Promise<void> {
  const { desk } = scene;
  const card = await secondLive(scene);
  await pick(desk, card.locator("xpath=ancestor::article").locator("[data-more]"), "Roll back this deploy");
  const form = await formTitled(desk, "Roll back");
  const versions = form.locator("[data-action-id=version]");
  await look(scene.all, "roll-back-versions");
  const before = (await versions.locator("option", { hasText: "Pay with Bancontact" }).getAttribute("value")) ?? "";
  const furthest = (await versions.locator("option").last().getAttribute("value")) ?? "";
  expect([furthest === "", furthest === before]).toEqual([false, false]);
  await versions.selectOption(furthest);
  await giveReason(desk, "The total is wrong in both");
  const back = await cardTitled(desk, /^Rolled back: shop in production/u);
  await back.getByText(furthest.slice(0, 7)).first().waitFor({ timeout: SOON_MS });
  await look(scene.all, "rolled-back-further");
  tell("Bob went back further than the last one, and said why.");
}
