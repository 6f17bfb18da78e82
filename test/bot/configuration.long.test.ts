import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { PEOPLE } from "../../sandbox/world/team.ts";
import { openBotWorld } from "../support/bot-world.ts";
import { until } from "../support/until.ts";

const SLOW = 'while [ ! -e "$root/go" ]; do sleep 0.05; done';
const TWO = ["requires: [build]", 'approval: { from: ["@product-owners"], count: 2, expires: 24h }'] as const;

test("a changed plan at a restart voids the approval that was given, and says so on the card", async () => {
  await using world = await openBotWorld({ environment: TWO });
  const first = await world.bot();
  await world.candidate();
  await until(() => world.cards().some((card) => JSON.stringify(card.blocks).includes('"approve"')), first.said, 60_000);
  const [card] = world.cards();
  await world.slack.click({ user: PEOPLE.ann, action_id: "approve", channel: card?.channel ?? "", ts: card?.ts ?? "" });
  await until(async () => (await world.rows("select from approvals")).length === 1, first.said, 60_000);
  const planned = async () => (await world.rows<{ hash: string }>("select plan_hash as hash from deployments"))[0]?.hash;
  const before = await planned();
  await first.end("SIGTERM");
  world.configure(world.config([...TWO]).replace("            restart: [sh,", "            restart: [sh, -e,"));
  const second = await world.bot();
  await until(async () => (await planned()) !== before, second.said, 60_000);
  const texts = () => JSON.stringify(world.slack.state().messages);
  await until(
    () => /plan (has )?changed|approval.{0,40}(void|no longer|not count)/iu.test(texts()),
    () => texts(),
    60_000,
  );
  await until(async () => (await world.rows("select from cards where version > drawn_version")).length === 0, second.said, 60_000);
  await world.slack.click({ user: PEOPLE.farid, action_id: "approve", channel: card?.channel ?? "", ts: card?.ts ?? "" });
  await until(
    async () => (await world.rows("select from approvals")).length === 2,
    () => JSON.stringify([world.slack.ephemerals(PEOPLE.farid).map((one) => one.text), world.cards()[0]?.text]) + second.said(),
    60_000,
  );
  expect((await world.newest()).state).toBe("awaiting_approval");
  expect(world.witnessed()).toEqual([]);
});

test("an environment that is taken out while it executes is finished by its stored plan, and what waited there is cancelled", async () => {
  await using world = await openBotWorld();
  const first = await world.bot();
  const revision = await world.candidate();
  world.script("migrate", SLOW);
  expect(await world.cli(["approve", "shop", "production", "--override", "--reason", "in a test"])).toMatchObject({ code: 0 });
  await until(() => world.witnessed().some((line) => line.startsWith("migrate")), first.said, 60_000);
  await world.candidate();
  await until(async () => (await world.newest()).state === "awaiting_approval", first.said, 60_000);
  await first.end("SIGTERM");
  world.configure(world.config().replace("      production:", "      elsewhere:"));
  const second = await world.bot();
  writeFileSync(`${world.folder}/go`, "");
  const states = async () =>
    (await world.rows<{ state: string }>("select state from deployments order by number")).map(({ state }) => state);
  await until(
    async () => (await states())[0] === "succeeded_unverified",
    () => second.said(),
    60_000,
  );
  expect(await states()).toEqual(["succeeded_unverified", "cancelled"]);
  expect(world.witnessed()).toEqual(["pull", "migrate", "restart"].map((step) => `${step} web-1 ${revision}`));
  await until(async () => (await world.rows("select from deployments where holds_hosts")).length === 0, second.said, 60_000);
});
