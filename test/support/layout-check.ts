import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";

/** One thing that looks broken: what it is, where, and the numbers. */
export type LayoutFault = {
  readonly kind: "wider than the window" | "wider than its box" | "text cut off" | "contrast" | "overlap";
  readonly what: string;
  readonly detail: string;
};

const source = readFileSync(new URL("layout-check.browser.js", import.meta.url), "utf8");

/**
 * Measures what is visible now: nothing wider than its box or the window, no text cut off, no two things to press over each other,
 * contrast of text at least 4.5 (WCAG 2.2 AA) on the colours that are really painted.
 */
export function checkLayout(page: Page): Promise<readonly LayoutFault[]> {
  return page.evaluate<readonly LayoutFault[]>(source);
}
