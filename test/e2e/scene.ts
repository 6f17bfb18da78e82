import { openPage, PHONE, startBrowser } from "../slack-page/browser.ts";
import { startDemo } from "./demo-process.ts";
import type { Scene } from "./visitor.ts";

/** The demo in a browser, on the desk and on the phone of whoever acts. */
export type OpenScene = AsyncDisposable & {
  readonly scene: Scene;
  /** What the two pages complained of since they are open. */
  faults(): readonly string[];
};

/** @param options of the demo, as on its command line */
export async function openScene(...options: readonly string[]): Promise<OpenScene> {
  await using opening = new AsyncDisposableStack();
  const browser = opening.use(await startBrowser());
  const demo = opening.use(await startDemo(...options));
  const wide = opening.use(await openPage(browser, demo.address));
  const phone = opening.use(await openPage(browser, demo.address, { viewport: PHONE }));
  const desk = { page: wide.page, isPhone: false };
  const open = opening.move();
  return {
    scene: { desk, all: [desk, { page: phone.page, isPhone: true }] },
    faults: () => [...wide.faults, ...phone.faults],
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}
