import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { checkLayout } from "../support/layout-check.ts";
import type { Visitor } from "./visitor.ts";

/** Where pictures go; none are taken without it. */
const PICTURES = process.env["PICTURES"] ?? "";
const THEMES = ["light", "dark"] as const;

/** What no reader can make sense of: holes in sentences, marks that were not drawn, counts that do not agree. */
const NONSENSE = [
  /undefined|NaN|\[object|Invalid Date/u,
  /\bnull\b/u,
  /<!?[a-z]*[\^@#]|&(?:amp|lt|gt);/u,
  /(?:^|\s):[a-z_]+:(?=\s|$)/u,
  /(?<![\d.,])1 (?:servers|changes|errors|replies|persons|people|times|stages|versions|commits|days)\b/u,
  /\b(?:0|[2-9]|\d\d+) (?:server|change|error|reply|person|stage|commit|day)\b(?!-)/u,
  /\bU0[A-Z]{3,}\b|\bS0[A-Z]{3,}\b/u,
  /\.\.(?!\.)|,,| \.|\(\)|: ?\./u,
];

/** Looks at the page as it is now, in both widths and themes: is all of it whole, legible and said in words? Takes the pictures. */
export async function look(visitors: readonly Visitor[], state: string): Promise<void> {
  for (const theme of THEMES) await Promise.all(visitors.map((visitor) => lookAt(visitor, state, theme)));
  for (const visitor of visitors) await turn(visitor, "light");
}

async function lookAt(visitor: Visitor, state: string, theme: (typeof THEMES)[number]): Promise<void> {
  await turn(visitor, theme);
  const name = `${state}${visitor.isPhone ? "-phone" : ""}${theme === "dark" ? "-dark" : ""}`;
  // Taken first: the state may pass while it is measured.
  if (PICTURES !== "") {
    await mkdir(PICTURES, { recursive: true });
    await visitor.page.screenshot({ path: join(PICTURES, `${name}.png`), animations: "disabled" });
  }
  const words = await ownWords(visitor);
  const nonsense = NONSENSE.flatMap((pattern) => {
    const found = pattern.exec(words);
    return found === null ? [] : [words.slice(Math.max(0, found.index - 60), found.index + 60)];
  });
  expect.soft([name, nonsense]).toEqual([name, []]);
  expect.soft([name, await checkLayout(visitor.page)]).toEqual([name, []]);
}

/** What the product says itself: logs are the servers' words, links the titles of others. */
async function ownWords({ page }: Visitor): Promise<string> {
  const whole = await page.locator("body").innerText();
  const foreign = await page.locator("pre:visible, #tl a:visible, #replies a:visible").allInnerTexts();
  return foreign.reduce((words, part) => words.replace(part, "…"), whole);
}

async function turn({ page, isPhone }: Visitor, theme: (typeof THEMES)[number]): Promise<void> {
  const isDark = (await page.locator("html").getAttribute("data-theme")) === "dark";
  if (isDark === (theme === "dark")) return;
  if (isPhone) await page.getByRole("button", { name: "Switch between light and dark" }).click();
  else
    await page
      .getByRole("group", { name: "Theme" })
      .locator("button", { hasText: theme === "dark" ? "Dark" : "Light" })
      .click();
}
