import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { openBotWorld } from "../support/bot-world.ts";
import { until } from "../support/until.ts";

const SLOW = 'while [ ! -e "$root/go" ]; do sleep 0.05; done; echo "$step goes on"';

test.for(["SIGTERM", "SIGKILL"] as const)(
  "%s in the middle of a step: the step goes on, the next start finishes it, once",
  async (signal) => {
    await using world = await openBotWorld({ hosts: 2 });
    const first = await world.bot();
    const revision = await world.candidate();
    world.script("migrate", SLOW);
    const asked = await world.cli(["approve", "shop", "production", "--override", "--reason", "in a test"]);
    expect(asked).toMatchObject({ code: 0 });
    await until(() => world.witnessed().some((line) => line.startsWith("migrate")));
    const end = await first.end(signal);
    expect(end).toMatchObject(signal === "SIGTERM" ? { code: 0, signal: null } : { code: null, signal });
    expect(end.tookMs).toBeLessThan(10_000);
    world.script("migrate", "");
    writeFileSync(`${world.folder}/go`, "");
    expect((await world.newest()).state).toBe("executing");
    await world.bot();
    expect(await world.settled("succeeded_unverified", "failed", "needs_attention")).toBe("succeeded_unverified");
    expect(
      world
        .witnessed()
        .map((line) => line.split(" ").slice(0, 2).join(" "))
        .toSorted(),
    ).toEqual(["migrate web-1", "pull web-1", "pull web-2", "restart web-1", "restart web-2"]);
    expect([world.headOf("web-1"), world.headOf("web-2")]).toEqual([revision, revision]);
  },
);

test("SIGTERM while Slack hangs and a webhook is on its way: it ends within ten seconds", async () => {
  await using world = await openBotWorld();
  const bot = await world.bot();
  await until(async () => (await world.rows("select from leases where name = 'painter'")).length === 1);
  world.slack.fault({ method: "*", delayMs: 600_000, forMs: 600_000 });
  await world.candidate();
  const end = await bot.end("SIGTERM");
  expect(end).toMatchObject({ code: 0, signal: null });
  expect(end.tookMs).toBeLessThan(10_000);
  expect(bot.said()).not.toMatch(/"level":"(error|fatal)"/u);
});
