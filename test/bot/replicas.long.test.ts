import { createHmac } from "node:crypto";
import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { PEOPLE } from "../../sandbox/world/team.ts";
import { openBotWorld, SECRETS } from "../support/bot-world.ts";
import { until } from "../support/until.ts";

const SLOW = 'while [ ! -e "$root/go" ]; do sleep 0.05; done';
const CLICK = "payload=";

test("two replicas: a webhook to both is one run, a click to both is one effect, and the painter's death moves its lease", async () => {
  await using world = await openBotWorld({ mode: "http" });
  const one = await world.bot();
  const two = await world.bot({ elsewhere: true });
  const revision = await world.candidate();
  const sent = world.github.deliveries();
  for (const { guid, event, body } of sent) {
    const signature = createHmac("sha256", SECRETS.GITHUB_WEBHOOK_SECRET).update(body).digest("hex");
    const headers = {
      "content-type": "application/json",
      "x-github-delivery": guid,
      "x-github-event": event,
      "x-hub-signature-256": `sha256=${signature}`,
    };
    const answer = await fetch(`${two.url}/webhooks/github`, { method: "POST", headers, body });
    expect({ status: answer.status, body: await answer.json() }).toMatchObject({ status: 202, body: { result: "duplicate" } });
  }
  expect(await world.rows("select from runs where revision = $1", [revision])).toHaveLength(1);
  expect(await world.rows("select from deployments")).toHaveLength(1);
  await until(() => world.cards().some((card) => JSON.stringify(card.blocks).includes('"approve"')));
  world.script("migrate", SLOW);
  await pressedTwice([one.url, two.url], pressOf(world.cards()[0]));
  await until(
    () => world.witnessed().some((line) => line.startsWith("migrate")),
    () => `${one.said()}\n${two.said()}`,
    60_000,
  );
  expect(await world.rows("select from approvals")).toHaveLength(1);
  expect(await world.rows("select from clicks where answer is not null")).toHaveLength(1);
  await until(async () => (await world.rows("select from clicks where answered_at is not null")).length === 1);
  expect(world.slack.ephemerals(PEOPLE.ann)).toHaveLength(1);
  const holder = async (name: string): Promise<string> =>
    (await world.rows<{ holder: string }>("select holder from leases where name = $1 and until > now()", [name]))[0]?.holder ?? "";
  const painter = (await holder("painter")).includes(`:${one.pid}:`) ? one : two;
  const other = painter === one ? two : one;
  await painter.end("SIGKILL");
  writeFileSync(`${world.folder}/go`, "");
  await until(
    async () => (await holder("painter")).includes(`:${other.pid}:`),
    () => other.said(),
    60_000,
  );
  expect(await world.settled("succeeded_unverified", "failed", "needs_attention")).toBe("succeeded_unverified");
  await until(
    async () => (await world.rows("select from cards where version > drawn_version")).length === 0,
    () => other.said(),
    60_000,
  );
  expect(world.witnessed()).toEqual(["pull", "migrate", "restart"].map((step) => `${step} web-1 ${revision}`));
  expect(world.cards()).toHaveLength(1);
});

test("a second replica with another configuration takes over: the first is not ready, drives nothing, and the second finishes", async () => {
  await using world = await openBotWorld({ mode: "http" });
  const first = await world.bot();
  const revision = await world.candidate();
  world.script("migrate", SLOW);
  expect(await world.cli(["approve", "shop", "production", "--override", "--reason", "in a test"])).toMatchObject({ code: 0 });
  await until(() => world.witnessed().some((line) => line.startsWith("migrate")));
  await until(() => JSON.stringify(world.cards()[0]?.blocks).includes('"stop_and_roll_back"'), first.said, 60_000);
  world.configure(world.config(["requires: [unit]", 'approval: { from: ["@product-owners"], count: 2, expires: 24h }']));
  const second = await world.bot({ elsewhere: true });
  await until(async () => (await first.get("/readyz")).status === 503, first.said, 30_000);
  expect((await first.get("/readyz")).body).toContain("newer configuration");
  await until(() => first.said().includes("drives, decides and paints nothing any more"), first.said, 30_000);
  const [card] = world.cards();
  await world.slack.click({ user: PEOPLE.ann, action_id: "stop_and_roll_back", channel: card?.channel ?? "", ts: card?.ts ?? "" });
  const told = () => JSON.stringify(world.slack.ephemerals(PEOPLE.ann).map((one) => one.text));
  await until(() => told().includes("newer configuration"), told, 60_000);
  writeFileSync(`${world.folder}/go`, "");
  expect(await world.settled("succeeded_unverified", "failed", "needs_attention")).toBe("succeeded_unverified");
  expect(world.witnessed()).toEqual(["pull", "migrate", "restart"].map((step) => `${step} web-1 ${revision}`));
  const [row] = await world.rows<{ driver: string }>("select driver from deployments");
  expect(row?.driver).toContain(`:${second.pid}:`);
  expect((await second.get("/readyz")).status).toBe(200);
  expect(first.ended()).toBeNull();
  expect(await first.end("SIGTERM")).toMatchObject({ code: 0 });
});

type Card = { readonly channel: string; readonly ts: string; readonly blocks: readonly unknown[] | null };

/** One press of Ann's on Approve, as Slack sends it. */
function pressOf(card: Card | undefined): string {
  const block = card?.blocks?.find((candidate) => JSON.stringify(candidate).includes('"action_id":"approve"'));
  const { block_id, elements } = JSON.parse(JSON.stringify(block ?? {})) as { block_id?: string; elements?: { action_id?: string }[] };
  const action = elements?.find((element) => element.action_id === "approve");
  const payload = {
    type: "block_actions",
    api_app_id: "A0GREENLIGHT",
    team: { id: "T0ACME", domain: "acme" },
    user: { id: PEOPLE.ann, username: "ann", name: "ann", team_id: "T0ACME" },
    container: { type: "message", message_ts: card?.ts, channel_id: card?.channel, is_ephemeral: false },
    channel: { id: card?.channel, name: "shop-deploys" },
    message: { ts: card?.ts },
    trigger_id: "1.2.3",
    actions: [{ ...action, block_id, type: "button", action_ts: "1700000000.000001" }],
  };
  return `${CLICK}${encodeURIComponent(JSON.stringify(payload))}`;
}

async function pressedTwice(urls: readonly string[], body: string): Promise<void> {
  const stamp = String(Math.floor(Date.now() / 1000));
  const signature = `v0=${createHmac("sha256", SECRETS.SLACK_SIGNING_SECRET).update(`v0:${stamp}:${body}`).digest("hex")}`;
  const headers = {
    "content-type": "application/x-www-form-urlencoded",
    "x-slack-request-timestamp": stamp,
    "x-slack-signature": signature,
  };
  const answers = await Promise.all(urls.map((url) => fetch(`${url}/slack/events`, { method: "POST", headers, body })));
  expect(answers.map((answer) => answer.status)).toEqual(urls.map(() => 200));
}
