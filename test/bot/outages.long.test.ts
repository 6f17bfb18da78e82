import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { expect, test } from "vitest";
import { openBotWorld } from "../support/bot-world.ts";
import { until } from "../support/until.ts";

const SLOW = 'while [ ! -e "$root/go" ]; do sleep 0.05; done';
const YES = ["approve", "shop", "production", "--override", "--reason", "in a test"];

test("a server away before and in the middle, the code host away, every database connection killed: it goes on, each step once", async () => {
  await using world = await openBotWorld();
  const bot = await world.bot();
  const [host] = world.hosts;
  world.github.fail({ status: 500, forMs: 3_600_000 });
  const revision = await world.candidate();
  world.script("migrate", SLOW);
  await host?.setDown(true);
  expect(await world.cli(YES)).toMatchObject({ code: 0 });
  const trouble = async (): Promise<string> => (await world.newest()).trouble ?? "";
  await until(async () => (await trouble()).includes("web-1 does not answer"), bot.said, 60_000);
  await until(
    () => /web-1 does not answer/iu.test(JSON.stringify(world.cards())),
    () => `the card does not say it: ${JSON.stringify(world.cards().map((card) => card.text))}`,
    60_000,
  );
  expect(bot.said()).toContain("web-1 does not answer");
  expect(world.witnessed()).toEqual([]);
  world.github.fail({ status: 200, forMs: 0 });
  await host?.setDown(false);
  await until(() => world.witnessed().some((line) => line.startsWith("migrate")), bot.said, 60_000);
  await host?.setDown(true);
  await until(async () => (await trouble()).includes("What runs there goes on"), bot.said, 60_000);
  await host?.setDown(false);
  await until(async () => (await trouble()) === "", bot.said, 60_000);
  const kill = "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()";
  for (let round = 0; round < 3; round += 1) await world.rows(kill);
  writeFileSync(`${world.folder}/go`, "");
  await world.rows(kill);
  expect(await world.settled("succeeded_unverified", "failed", "needs_attention")).toBe("succeeded_unverified");
  expect(world.witnessed()).toEqual(["pull", "migrate", "restart"].map((step) => `${step} web-1 ${revision}`));
  await until(async () => (await bot.get("/readyz")).status === 200, bot.said, 60_000);
  expect(bot.ended()).toBeNull();
  await until(() => world.github.state().deployments.some((one) => one.sha === revision && one.state === "success"), bot.said, 90_000);
});

test("a Sentry that answers 401, HTML, nothing or not at all leaves a deployment unverified, never healthy, never rolled back", async () => {
  const answers = [
    { status: 401, type: "application/json", body: '{"detail":"Invalid token"}' },
    { status: 200, type: "text/html", body: "<html>Sign in</html>" },
    { status: 200, type: "application/json", body: "[]" },
    { status: 500, type: "application/json", body: "{}" },
  ];
  let asked = 0;
  const sentry = createServer((request, response) => {
    const answer = answers[asked % (answers.length + 1)];
    asked += 1;
    request.resume();
    if (answer === undefined) return void request.socket.destroy();
    response.writeHead(answer.status, { "content-type": answer.type }).end(answer.body);
  });
  await new Promise<void>((listening) => sentry.listen(0, "127.0.0.1", () => listening()));
  const address = sentry.address();
  const url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  await using world = await openBotWorld({
    environment: [
      "requires: [build]",
      "deploy: automatically",
      "watch: { for: 20s, every: 5s, sentry: { project: shop, environment: production }, on_regression: rollback }",
    ],
  });
  const bot = await world.bot({ env: { SENTRY_API_URL: url } });
  const revision = await world.candidate();
  expect(await world.settled("succeeded", "succeeded_unverified", "regressed", "failed")).toBe("succeeded_unverified");
  expect(asked).toBeGreaterThan(4);
  expect(world.headOf("web-1")).toBe(revision);
  await until(() => world.cards().some((card) => /not verified|unverified/iu.test(JSON.stringify(card))), bot.said, 30_000);
  sentry.closeAllConnections();
  sentry.close();
});
