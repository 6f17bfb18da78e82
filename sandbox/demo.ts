import { parseArgs } from "node:util";
import { play } from "./story/play.ts";
import { SABOTAGES, isSabotage } from "./story/sabotage.ts";
import { startStory } from "./story/story.ts";
import type { BotState } from "./world/bot.ts";
import { whyNotHere } from "./world/refusals.ts";
import { startWorld } from "./world/world.ts";

const USAGE = `npm run demo -- [--port N] [--keep] [--http]     open the sandbox in a browser
npm run demo -- --strict                         the same, and production wants a look at staging and two yeses
npm run demo -- --play [--sabotage NAME]         tell the story without one; 0: all as expected, 1: not
  NAME: ${SABOTAGES.join(", ")}`;

/** The demo: the world in this process, the real bot as its child. */
export async function demo(argv: readonly string[]): Promise<void> {
  const options = optionsOf(argv);
  if (typeof options === "string") return leave(2, options);
  const refusal = whyNotHere({ env: process.env, platform: process.platform, arch: process.arch });
  if (refusal !== null) return leave(2, refusal);
  try {
    if (options.play) process.exit(await play(options));
    await openInBrowser(options);
  } catch (error) {
    leave(1, error instanceof Error ? error.message : String(error));
  }
}

type Options = {
  readonly port?: number;
  readonly keep: boolean;
  readonly mode: "socket" | "http";
  readonly rules: "simple" | "strict";
  readonly play: boolean;
  readonly sabotage: (typeof SABOTAGES)[number] | null;
};

/** @returns a sentence when they make no sense */
function optionsOf(argv: readonly string[]): Options | string {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        port: { type: "string" },
        keep: { type: "boolean", default: false },
        http: { type: "boolean", default: false },
        strict: { type: "boolean", default: false },
        play: { type: "boolean", default: false },
        sabotage: { type: "string" },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) return USAGE;
    if (values.port !== undefined && !isPort(values.port)) return `--port says ${values.port}: write a number from 1024 to 65535.`;
    if (values.strict && (values.play || values.sabotage !== undefined))
      return `The story is told with one yes, without --strict.\n${USAGE}`;
    if (values.sabotage !== undefined && !isSabotage(values.sabotage)) return `There is no sabotage ${values.sabotage}.\n${USAGE}`;
    return {
      ...(values.port === undefined ? {} : { port: Number(values.port) }),
      keep: values.keep,
      mode: values.http ? "http" : "socket",
      rules: values.strict ? "strict" : "simple",
      play: values.play || values.sabotage !== undefined,
      sabotage: values.sabotage ?? null,
    };
  } catch (error) {
    return `${error instanceof Error ? error.message : String(error)}\n${USAGE}`;
  }
}

function isPort(words: string): boolean {
  return /^\d{4,5}$/.test(words) && Number(words) >= 1024 && Number(words) <= 65_535;
}

async function openInBrowser(options: Options): Promise<void> {
  const stop = new AbortController();
  // A second Ctrl-C ends at once, without tidying up.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => (stop.signal.aborted ? process.exit(130) : stop.abort()));
  const world = await startWorld({
    ...options,
    botChanged: (state) => {
      if (!stop.signal.aborted) sayOfBot(state);
    },
  });
  const story = startStory(world);
  console.log(`Greenlight's sandbox: a simulated chat, CI, Sentry and three servers on this machine, and the real bot.

  Open  ${world.pageUrl}
  Stop  Ctrl-C

Its configuration: ${world.configFile}
The bot's log:     ${world.bot.logFile}`);
  world.bot.start();
  await aborted(stop.signal);
  console.log(options.keep ? `\nStopping; ${world.folder} is kept.` : "\nStopping.");
  await story.close();
  await world.close({ keep: options.keep });
  process.exit(0);
}

/** Only what the page alone would hide from somebody who looks at the terminal. */
function sayOfBot(bot: BotState): void {
  if (bot.state === "down" && bot.note !== "killed" && bot.note !== "stopped")
    console.error(`The bot is down: ${bot.note ?? "nobody knows why"}`);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((done) => (signal.aborted ? done() : signal.addEventListener("abort", () => done(), { once: true })));
}

function leave(code: number, says: string): never {
  console.error(says);
  process.exit(code);
}
