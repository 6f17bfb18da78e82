import { describe, expect, test } from "vitest";
import { noBrowser } from "../slack-page/browser.ts";
import { look } from "./look.ts";
import { openScene } from "./scene.ts";
import {
  becomes,
  cardTitled,
  confirm,
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

/** What people do beside the story, where production wants a look at staging and two yeses: by clicks and typing alone. */

const tell = teller();

describe.skipIf(noBrowser !== null)(`the other flows in a browser${noBrowser === null ? "" : ` (${noBrowser})`}`, () => {
  test("a look at staging, two yeses and all that may come between", { timeout: 1_800_000 }, async () => {
    await using opened = await openScene("--strict");
    const { scene } = opened;
    tell("The page is open.");
    await isLookedAt(scene);
    await isRefusedToAGuest(scene);
    await isRejectedAndOfferedAgain(scene);
    await isApprovedByTwo(scene);
    await isRolledBack(scene);
    expect.soft(await scene.desk.page.locator("#strip [data-figure=strangers]").count()).toBe(0);
    expect(opened.faults()).toEqual([]);
  });
});

async function isLookedAt(scene: Scene): Promise<void> {
  const { desk } = scene;
  await becomes(scene, "Ann");
  await press(await cardTitled(desk, /^Validation needed: shop in staging/u), "Not yet…");
  await desk.page.locator("#modal textarea").waitFor({ timeout: SOON_MS });
  await look(scene.all, "not-yet-form");
  await giveReason(desk, "The total is without tax");
  await reads(desk, /said not yet: The total is without tax/u);
  await look(scene.all, "not-yet");
  tell("Ann said not yet, and why.");

  const ways = async (title: RegExp) => (await cardTitled(desk, title)).locator("[data-action-id=look_ways]");
  await pick(desk, await ways(/^Not yet: shop in staging/u), "Hold staging while I look");
  await reads(desk, /holds staging/u);
  await look(scene.all, "staging-held");
  await pick(desk, await ways(/: shop in staging/u), "Let staging go on");
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
  await giveReason(desk, "The price list is from last year");
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
  const form = await formTitled(desk, "Roll back");
  await form.locator("[data-submit]").waitFor({ timeout: SOON_MS });
  await look(scene.all, "roll-back-form");
  await send(desk);
  await cardTitled(desk, /^Rolled back: shop in production/u);
  await look(scene.all, "rolled-back-by-hand");
  tell("Bob chose what it goes back to.");
}
