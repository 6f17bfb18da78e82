import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { PEOPLE } from "../../sandbox/world/team.ts";
import { proxyDatabase } from "../support/bot-database-proxy.ts";
import { openBotWorld } from "../support/bot-world.ts";
import { until } from "../support/until.ts";

test("the database is away in the middle of a deployment: not ready, presses are refused in words, and then it goes on, each step once", async () => {
  await using world = await openBotWorld();
  await using proxy = await proxyDatabase(world.database.connectionString);
  const bot = await world.bot({ env: { DATABASE_URL: proxy.url } });
  const revision = await world.candidate();
  world.script("migrate", 'while [ ! -e "$root/go" ]; do sleep 0.05; done');
  expect(await world.cli(["approve", "shop", "production", "--override", "--reason", "in a test"])).toMatchObject({ code: 0 });
  await until(() => world.witnessed().some((line) => line.startsWith("migrate")), bot.said, 60_000);
  await until(() => JSON.stringify(world.cards()[0]?.blocks).includes('"stop_and_roll_back"'), bot.said, 60_000);
  await proxy.setDown(true);
  await until(async () => (await bot.get("/readyz")).status === 503, bot.said, 60_000);
  expect((await bot.get("/readyz")).body).toContain("the database does not answer");
  const [card] = world.cards();
  await world.slack.click({ user: PEOPLE.ann, action_id: "stop_and_roll_back", channel: card?.channel ?? "", ts: card?.ts ?? "" });
  await until(
    () => world.slack.ephemerals(PEOPLE.ann).some((one) => one.text.includes("Not taken")),
    () => JSON.stringify(world.slack.ephemerals(PEOPLE.ann)) + bot.said(),
    60_000,
  );
  const refused = await fetch(`${bot.url}/webhooks/github`, { method: "POST", body: "{}" });
  expect(refused.status).toBe(401);
  writeFileSync(`${world.folder}/go`, "");
  // Long enough for pool, listener and workers to meet a refused connection, each more than once.
  await until(() => bot.said().split("ECONNREFUSED").length > 12, bot.said, 90_000);
  expect(bot.ended()).toBeNull();
  await proxy.setDown(false);
  expect(await world.settled("succeeded_unverified", "failed", "needs_attention")).toBe("succeeded_unverified");
  expect(world.witnessed()).toEqual(["pull", "migrate", "restart"].map((step) => `${step} web-1 ${revision}`));
  await until(async () => (await bot.get("/readyz")).status === 200, bot.said, 60_000);
  await until(async () => (await world.rows("select from cards where version > drawn_version")).length === 0, bot.said, 60_000);
  expect(bot.said().length).toBeLessThan(400_000);
});
