import type { Locator, Page } from "playwright-core";

/** Ten times what most of the story takes on a quiet machine. */
export const SOON_MS = 120_000;

/** Somebody at the page: clicks and keys only. */
export type Visitor = {
  readonly page: Page;
  readonly isPhone: boolean;
};

/** Chooses whom to act as: on the bench, on a phone in the top bar. */
export async function actAs({ page, isPhone }: Visitor, name: string): Promise<void> {
  if (isPhone) await page.getByRole("combobox", { name: /^Act as/u }).selectOption({ label: `As ${name}` });
  else await page.locator("#people label", { has: page.getByText(name, { exact: true }) }).click();
}

/** Writes into the channel, or gives a command. */
export async function say({ page }: Visitor, text: string): Promise<void> {
  const box = page.getByRole("combobox", { name: /^Message to/u });
  await box.fill(text);
  await box.press("Enter");
}

/** The card with this title, when it is there. */
export async function cardTitled({ page }: Visitor, title: RegExp): Promise<Locator> {
  const card = page.locator("#tl .card", { has: page.getByRole("heading", { name: title }) }).last();
  try {
    await card.waitFor({ timeout: SOON_MS });
  } catch (error) {
    const seen = await page.locator("#tl .card .head").allInnerTexts();
    throw new Error(`no card is titled ${String(title)}; there is: ${seen.join(" | ")}`, { cause: error });
  }
  return card;
}

/** Waits until the words can be read somewhere on the page. */
export async function reads({ page }: Visitor, words: string | RegExp): Promise<Locator> {
  const found = page.locator("#tl, #banner, #guide, #replies").getByText(words).last();
  await found.waitFor({ timeout: SOON_MS });
  return found;
}

/** Presses a button by the words on it. */
export async function press(where: Locator, words: string | RegExp): Promise<void> {
  await where.locator("button", { hasText: words }).click({ timeout: SOON_MS });
}

/** Answers the question that a press asked first. @returns what it asked */
export async function confirm({ page }: Visitor, words: string): Promise<string> {
  const question = page.locator("#confirm");
  await question.waitFor();
  const asked = await question.innerText();
  await question.locator("button", { hasText: words }).last().click();
  await question.waitFor({ state: "hidden" });
  return asked;
}

/** The newest answer that only this person sees. */
export async function isAnswered({ page }: Visitor, words: string | RegExp): Promise<Locator> {
  const answer = page.locator("[data-ephemeral]").filter({ hasText: words }).last();
  await answer.waitFor({ timeout: SOON_MS });
  return answer;
}

/** The form that is open, once it has filled itself. */
export async function formTitled({ page }: Visitor, title: string | RegExp): Promise<Locator> {
  const form = page.locator("#modal");
  await form.getByRole("heading", { name: title }).waitFor({ timeout: SOON_MS });
  await form.getByText("Loading…").waitFor({ state: "detached", timeout: SOON_MS });
  return form;
}

/** Sends the form that is open, and waits until it is gone. */
export async function send({ page }: Visitor, label?: string): Promise<void> {
  const form = page.locator("#modal");
  const button = form.locator("[data-submit]", label === undefined ? {} : { hasText: label });
  await button.click({ timeout: SOON_MS });
  await form.waitFor({ state: "hidden", timeout: SOON_MS });
}

/** Writes the reason that the form asks for, and sends it. */
export async function giveReason(visitor: Visitor, words: string): Promise<void> {
  const box = visitor.page.locator("#modal textarea");
  await box.waitFor({ timeout: SOON_MS });
  await box.fill(words);
  await send(visitor);
}

/** Closes the form that is open without sending it. */
export async function closeForm({ page }: Visitor): Promise<void> {
  await page.locator("#modal [data-view-close=one]").click({ timeout: SOON_MS });
  await page.locator("#modal").waitFor({ state: "hidden", timeout: SOON_MS });
}

/** Picks from a menu by its words. */
export async function pick({ page }: Visitor, menu: Locator, words: string): Promise<void> {
  await menu.click({ timeout: SOON_MS });
  await page.getByRole("menuitem", { name: words }).click({ timeout: SOON_MS });
}

/** Goes into a room: a channel, the app's Home, or its messages. */
export async function enter({ page }: Visitor, room: string): Promise<void> {
  await page.locator("#rooms button", { hasText: room }).click({ timeout: SOON_MS });
}

/** At the desk everything is pressed; the same person's phone looks on. */
export type Scene = { readonly desk: Visitor; readonly all: readonly Visitor[] };

export async function becomes({ all }: Scene, name: string): Promise<void> {
  for (const visitor of all) await actAs(visitor, name);
}

/** Tells how long each part takes: that is part of it. */
export function teller(): (sentence: string) => void {
  const begun = Date.now();
  return (sentence) => console.log(`${((Date.now() - begun) / 1000).toFixed(1).padStart(6)} s  ${sentence}`);
}
