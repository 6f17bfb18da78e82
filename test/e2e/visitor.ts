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
