import { existsSync } from "node:fs";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";

/** Where a browser may be; CHROMIUM names another. */
const PROGRAM = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
const ARGUMENTS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Why browser tests cannot run here, or null. In CI they must. */
export const noBrowser: string | null =
  existsSync(PROGRAM) || process.env["CI"] === "true" ? null : `there is no browser at ${PROGRAM}; set CHROMIUM`;

export const WIDE = { width: 1280, height: 800 };
export const PHONE = { width: 390, height: 844 };

export function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: PROGRAM, args: ARGUMENTS });
}

/** A page in a context of its own (theme and person are remembered by the browser). */
export async function openPage(
  browser: Browser,
  address: string,
  options: { readonly viewport?: typeof WIDE; readonly calm?: boolean } = {},
): Promise<{ readonly page: Page; readonly context: BrowserContext; readonly faults: string[]; [Symbol.asyncDispose](): Promise<void> }> {
  const context = await browser.newContext({
    viewport: options.viewport ?? WIDE,
    reducedMotion: options.calm === false ? "no-preference" : "reduce",
    timezoneId: "Europe/Brussels",
    locale: "en-GB",
  });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("console", (message) => (message.type() === "error" ? faults.push(message.text()) : undefined));
  await page.goto(address);
  await page.locator("body[data-ready]").waitFor();
  return { page, context, faults, [Symbol.asyncDispose]: () => context.close() };
}
