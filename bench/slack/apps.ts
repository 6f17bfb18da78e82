import { fork } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bot } from "../../test/slack-simulator/seed.ts";
import { spawnBot, type BotProcess } from "../../test/support/bot-process.ts";
import { nextMessage } from "../next-message.ts";
import { quietHost } from "../quiet-host.ts";
import { CROWD } from "./crowd.ts";
import { askForDeployment, CONFIG } from "./deployment.ts";
import type { Press } from "./driving.ts";
import type { FarSide } from "./far-side.ts";
import type { Mode } from "./options.ts";
import { payloadOf } from "./payload.ts";

/** Said by the bare app when it listens. */
export type Started = { readonly kind: "ready" };

/** An app under test: where presses go. */
export type AppUnderTest = AsyncDisposable & { readonly name: "bare" | "greenlight"; readonly press: Press };

export async function startBare(mode: Mode, far: FarSide, payload: string): Promise<AppUnderTest> {
  const port = await freePort();
  const { botToken, signingSecret, appToken } = bot;
  const words = [mode, far.apiUrl("bare"), botToken, signingSecret, appToken, String(port)];
  const child = fork(new URL("bare.ts", import.meta.url), words, { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  await nextMessage<unknown>(child, "the bare app");
  return {
    name: "bare",
    press: { payload, users: CROWD, ...way(mode, "bare", port) },
    async [Symbol.asyncDispose]() {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.disconnect();
      await ended;
    },
  };
}

/** The real bot with a PostgreSQL of its own, and a deployment that waits for a yes. */
export async function startGreenlight(mode: Mode, far: FarSide): Promise<AppUnderTest> {
  const folder = mkdtempSync(join(tmpdir(), "greenlight-bench-"));
  const file = join(folder, "greenlight.yml");
  writeFileSync(file, CONFIG);
  const port = await freePort();
  const running = await spawnBot(folder, environment({ mode, far, folder, file }), port);
  await running.ready();
  const card = await askForDeployment(folder);
  return {
    name: "greenlight",
    press: { payload: payloadOf(card), users: CROWD, ...way(mode, "greenlight", port) },
    [Symbol.asyncDispose]: () => end(running, folder),
  };
}

function environment(of: { mode: Mode; far: FarSide; folder: string; file: string }): Record<string, string> {
  return {
    PATH: process.env["PATH"] ?? "/usr/bin:/bin",
    HOME: of.folder,
    LOG_LEVEL: "error",
    GREENLIGHT_CONFIG: of.file,
    SLACK_API_URL: of.far.apiUrl("greenlight"),
    SLACK_BOT_TOKEN: bot.botToken,
    SLACK_SIGNING_SECRET: bot.signingSecret,
    ...(of.mode === "socket" ? { SLACK_APP_TOKEN: bot.appToken } : {}),
    GITHUB_WEBHOOK_SECRET: "of-the-benchmark",
    ...quietHost(of.folder),
  };
}

async function end(running: BotProcess, folder: string): Promise<void> {
  await running.end("SIGTERM");
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

type Way = { readonly kind: "http"; readonly url: string; readonly secret: string } | { readonly kind: "socket"; readonly app: string };

function way(mode: Mode, app: string, port: number): Way {
  return mode === "socket"
    ? { kind: "socket", app }
    : { kind: "http", url: `http://127.0.0.1:${port}/slack/events`, secret: bot.signingSecret };
}

function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
