import { existsSync } from "node:fs";
import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { greenlight, spawnBot } from "../support/bot-process.ts";
import { openBotWorld } from "../support/bot-world.ts";
import { until } from "../support/until.ts";

test("a second start in one folder is refused and names the process that holds it; commands work beside the bot", async () => {
  await using world = await openBotWorld();
  const { DATABASE_URL: _url, HISTORY_KEY: _key, ...env } = world.env;
  const first = await spawnBot(world.folder, env);
  await first.ready();
  try {
    const second = await spawnBot(world.folder, env);
    await until(() => second.ended() !== null, second.said, 120_000);
    expect(second.ended()).toEqual({ code: 1, signal: null });
    expect(second.said()).toContain(`is in use by process ${first.pid}`);
    expect(second.said()).not.toMatch(/"stack"|\n\s+at /u);
    expect(await greenlight(world.folder, env, ["status"])).toMatchObject({ code: 0, out: expect.stringContaining("shop production") });
    expect(existsSync(join(world.folder, ".greenlight", "history-key"))).toBe(true);
    expect((await first.get("/readyz")).status).toBe(200);
  } finally {
    expect(await first.end("SIGTERM")).toMatchObject({ code: 0, signal: null });
  }
});

/** The machine's own Node, if it is an old one. */
const OLD = ["/usr/bin/node", "/usr/local/bin/node"].find(
  (path) => existsSync(path) && Number(execFileSync(path, ["-p", "process.versions.node.split('.')[0]"], { encoding: "utf8" })) < 24,
);

test.skipIf(OLD === undefined)("an old Node reads a sentence and exits with 2", () => {
  const program = join(import.meta.dirname, "../../bin/greenlight.js");
  const { status, stderr } = spawnSync(OLD ?? "", [program, "start"], { encoding: "utf8" });
  expect(status).toBe(2);
  expect(stderr).toMatch(/Greenlight needs Node 24 or newer; this is v\d+/u);
});
