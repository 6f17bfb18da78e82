import { expect, test } from "vitest";
import { openBotWorld } from "../support/bot-world.ts";

test("plan shows the steps and runs nothing; doctor names the entry of the history that somebody changed", async () => {
  await using world = await openBotWorld();
  const bot = await world.bot();
  const revision = await world.candidate();
  const planned = await world.cli(["plan", "shop", "production"]);
  expect(planned).toMatchObject({ code: 0 });
  expect(planned.out).toContain(`shop to production: ${revision}`);
  for (const step of ["pull", "migrate", "restart"]) expect(planned.out).toMatch(new RegExp(`web-1 +${step} `, "u"));
  expect(await world.cli(["plan", "shop", "nowhere"])).toMatchObject({ code: 1 });
  expect(await world.cli(["plan", "shop"])).toMatchObject({ code: 2 });
  expect(world.witnessed()).toEqual([]);
  expect(await world.cli(["lock", "shop", "production", "--reason", "a look at the history"])).toMatchObject({ code: 0 });
  const good = await world.cli(["doctor"]);
  expect(good.out).toMatch(/ok +history: \d+ entries in 1 chain, every one in its place/u);
  expect(good).toMatchObject({ code: 0 });
  const [last] = await world.rows<{ sequence: number }>("select max(sequence) as sequence from history");
  await world.rows(`update history set body = body || '{"reason":"something else"}' where sequence = $1`, [last?.sequence]);
  const tampered = await world.cli(["doctor"]);
  expect(tampered.code).toBe(1);
  expect(tampered.out).toContain(`WRONG  history of shop/production, entry ${last?.sequence}: it was changed after it was written`);
  await world.rows("delete from history where sequence = 1");
  const shortened = await world.cli(["doctor"]);
  expect(shortened.code).toBe(1);
  expect(shortened.out).toContain("entry 1 is missing");
  expect(bot.ended()).toBeNull();
});

test("a command goes by the configuration in force, not by a file that was edited since", async () => {
  await using world = await openBotWorld();
  await world.bot();
  await world.candidate();
  world.configure(world.config(["requires: [build]", "deploy: automatically"]));
  const approved = await world.cli(["approve", "shop", "production", "--reason", "edited the rule away"]);
  expect(approved.code).toBe(1);
  expect(approved.err).toContain("goes by the one in force");
  expect(world.witnessed()).toEqual([]);
  const broken = `${world.config()}\n  nonsense: [`;
  world.configure(broken);
  const refused = await world.cli(["status"]);
  expect(refused.code).toBe(1);
  expect(refused.err).toMatch(/greenlight\.yml:\d+/u);
});
