import { userInfo } from "node:os";
import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { PEOPLE } from "../../sandbox/world/team.ts";
import { openBotWorld } from "../support/bot-world.ts";
import { until } from "../support/until.ts";

const SLOW = 'while [ ! -e "$root/go" ]; do sleep 0.05; done';
const HOUR_MS = 3_600_000;

test("Slack refuses every call: presses are answered, deployments and the operator go on, cards catch up by one update", async () => {
  await using world = await openBotWorld();
  const bot = await world.bot();
  const revision = await world.candidate();
  await until(() => world.cards().some((card) => JSON.stringify(card.blocks).includes('"approve"')));
  const [card] = world.cards();
  const ts = card?.ts ?? "";
  const channel = card?.channel ?? "";
  world.script("migrate", SLOW);
  await world.slack.click({ user: PEOPLE.ann, action_id: "approve", channel, ts });
  await until(
    () => world.witnessed().some((line) => line.startsWith("migrate")),
    () => bot.said(),
    60_000,
  );
  await until(() => JSON.stringify(world.cards()[0]?.blocks).includes('"stop_and_roll_back"'), bot.said, 60_000);
  world.slack.fault({ method: "*", status: 500, forMs: HOUR_MS });
  const ours = () => world.slack.ephemerals(PEOPLE.eve).map((one) => one.text);
  await world.slack.click({ user: PEOPLE.eve, action_id: "stop_and_roll_back", channel, ts });
  await until(
    () => ours().length > 0,
    () => `Eve was told nothing: ${bot.said()}`,
    60_000,
  );
  writeFileSync(`${world.folder}/go`, "");
  expect(await world.settled("succeeded_unverified", "cancelled")).toBe("succeeded_unverified");
  const operated = [
    await world.cli(["status"]),
    await world.cli(["lock", "shop", "production", "--reason", "Slack is away"]),
    await world.cli(["deploy", "shop", "production", "--override", "--reason", "too early"]),
    await world.cli(["cancel", "shop", "production", "--reason", "nothing is there"]),
    await world.cli(["unlock", "shop", "production", "--reason", "over"]),
    await world.cli(["approve", "shop", "production", "--reason", "nothing waits"]),
    await world.cli(["lock", "shop", "production"]),
    await world.cli(["lock", "shop", "production", "--hours", "soon", "--reason", "a word"]),
    await world.cli(["deploy", "shop", "nowhere", "--reason", "a typing error"]),
  ];
  expect(operated.map(({ code }) => code)).toEqual([0, 0, 1, 1, 0, 1, 2, 1, 1]);
  expect(operated[2]?.err).toContain("This version is live there already");
  expect(operated.every(({ err, out }) => !/\n\s+at /u.test(err + out))).toBe(true);
  const before = world.slack.history(channel, ts).length;
  const back = await world.cli(["rollback", "shop", "production", "--reason", "it is broken"]);
  expect(back).toMatchObject({ code: 0 });
  await until(
    async () => (await world.rows("select from deployments where kind = 'rollback' and state like 'succeeded%'")).length === 1,
    () => bot.said(),
    90_000,
  );
  expect(world.headOf("web-1")).not.toBe(revision);
  expect(world.slack.history(channel, ts)).toHaveLength(before);
  world.slack.clearFaults();
  await until(
    async () => (await world.rows("select from cards where version > drawn_version or ticking")).length === 0,
    () => bot.said(),
    90_000,
  );
  expect(world.slack.history(channel, ts)).toHaveLength(before + 1);
  expect(world.slack.history(channel, ts).at(-1)?.text).toMatch(/[Rr]olled back/u);
  const actors = await world.rows<{ kind: string; reason: string | null; actor: { kind: string; user?: string } }>(
    "select kind, body->'actor' as actor, body->>'reason' as reason from history where body->'actor'->>'kind' = 'cli' order by sequence",
  );
  expect(actors.map(({ kind }) => kind)).toEqual(expect.arrayContaining(["locked", "unlocked"]));
  expect(actors.filter(({ kind }) => kind === "unlocked").map(({ reason }) => reason)).toEqual(["over"]);
  expect(actors.every(({ actor }) => actor.user === userInfo().username)).toBe(true);
  expect(bot.ended()).toBeNull();
});

test("a bot that starts while Slack is away works, and its cards come when Slack is back", async () => {
  await using world = await openBotWorld({ mode: "http" });
  world.slack.fault({ method: "*", drop: true, forMs: HOUR_MS });
  const bot = await world.bot();
  await world.candidate();
  expect(await world.cli(["approve", "shop", "production", "--override", "--reason", "Slack is away"])).toMatchObject({ code: 0 });
  expect(await world.settled("succeeded_unverified", "failed")).toBe("succeeded_unverified");
  expect(world.cards()).toHaveLength(0);
  world.slack.clearFaults();
  await until(
    () => world.cards().length === 1,
    () => bot.said(),
    60_000,
  );
  expect(world.slack.history(world.cards()[0]?.channel ?? "", world.cards()[0]?.ts ?? "")).toHaveLength(1);
});
