import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { parentPort, workerData } from "node:worker_threads";
import { initWasm, Resvg } from "@resvg/resvg-wasm";
import type { WatchFigure } from "../domain/watch-figure.ts";
import { chartOf, WIDTH } from "./chart.ts";

/** A thread of its own, for one picture: about half a second of drawing in which the bot goes on, and all its memory is given back. */

const { resolve } = createRequire(import.meta.url);
const FAMILY = "DejaVu Sans";

const { figure, timezone }: { readonly figure: WatchFigure; readonly timezone: string } = workerData;
const [wasm, ...fontBuffers] = await Promise.all(
  ["@resvg/resvg-wasm/index_bg.wasm", "dejavu-fonts-ttf/ttf/DejaVuSans.ttf", "dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf"].map((file) =>
    readFile(resolve(file)),
  ),
);
if (wasm === undefined) throw new Error("there is nothing to draw with");
await initWasm(wasm);
const { svg } = chartOf(figure, timezone);
// Without a font of ours it would draw everything but the letters, and not say so.
const drawn = new Resvg(svg, {
  fitTo: { mode: "width", value: WIDTH },
  font: { fontBuffers, defaultFontFamily: FAMILY, sansSerifFamily: FAMILY },
}).render();
parentPort?.postMessage(drawn.asPng());
