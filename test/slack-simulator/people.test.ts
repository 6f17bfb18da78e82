import type { App } from "@slack/bolt";
import { describe, expect, test } from "vitest";
import { button } from "./blocks.ts";
import { startBot } from "./bots.ts";
import { call, post, startSlack, type TestSlack } from "./world.ts";

/** Acting as each kind of person: members, guests, people of another team, those who left. */

const SHARED = "C05SHARED";
const card = { text: "card", blocks: [{ type: "actions", block_id: "act", elements: [button({ action_id: "approve" })] }] };

async function withPresses(slack: TestSlack, listen: (app: App) => void = () => {}): Promise<unknown[]> {
  const seen: unknown[] = [];
  await startBot(slack, "socket", (app) => {
    app.action(
      "approve",
      async ({ ack, body }) => (
        seen.push([body.user.id, body.team?.id, "team_id" in body.user ? body.user["team_id"] : null]),
        await ack()
      ),
    );
    listen(app);
  });
  return seen;
}

describe("somebody of another team", () => {
  test("presses in the shared channel alone, and the payload names both teams", async () => {
    await using slack = await startSlack();
    const seen = await withPresses(slack);
    const shared = await post(slack, { channel: SHARED, ...card });
    const own = await post(slack, { channel: "C01DEPLOYS", ...card });
    expect(await slack.click({ user: "U05STRANGER", channel: SHARED, ts: shared, action_id: "approve" })).toMatchObject({ result: "ok" });
    expect(seen).toEqual([["U05STRANGER", "T01SIM", "T99OTHER"]]);
    await expect(slack.click({ user: "U05STRANGER", channel: "C01DEPLOYS", ts: own, action_id: "approve" })).rejects.toThrow(
      "does not see",
    );
    await expect(slack.command({ user: "U05STRANGER", channel: "C02GENERAL", text: "/deploy" })).rejects.toThrow("does not see");
    expect(await call(slack.web, "users.info", { user: "U05STRANGER" })).toMatchObject({
      user: { team_id: "T99OTHER", is_restricted: false },
    });
    const { members } = await call(slack.web, "users.list");
    expect(JSON.stringify(members)).not.toContain("U05STRANGER");
  });
});

describe("a guest", () => {
  test("sees no public channel without being invited, and is told apart by users.info", async () => {
    await using slack = await startSlack();
    const seen = await withPresses(slack);
    const ts = await post(slack, { channel: "C01DEPLOYS", ...card });
    const press = { user: "U04GUEST", channel: "C01DEPLOYS", ts, action_id: "approve" };
    await expect(slack.click(press)).rejects.toThrow("does not see");
    await slack.change({ channel: { id: "C01DEPLOYS", members: ["U01ANN", "U04GUEST", "UBOT01"] } });
    expect(await slack.click(press)).toMatchObject({ result: "ok" });
    expect(seen).toEqual([["U04GUEST", "T01SIM", "T01SIM"]]);
    expect(await call(slack.web, "users.info", { user: "U04GUEST" })).toMatchObject({
      user: { is_restricted: true, is_ultra_restricted: false },
    });
  });
});

describe("somebody who leaves", () => {
  test("can do nothing more, loses what was open, and is in no list of active people", async () => {
    await using slack = await startSlack();
    const changes: unknown[] = [];
    const view = { type: "modal" as const, title: { type: "plain_text" as const, text: "One" }, blocks: [{ type: "divider" as const }] };
    await withPresses(slack, (app) => {
      app.command("/deploy", async ({ ack, client, body }) => {
        await ack();
        await client.views.open({ trigger_id: body.trigger_id, view });
      });
      app.event("user_change", async ({ event }) => void changes.push([event.user.id, event.user.deleted]));
    });
    const ts = await post(slack, { channel: "C01DEPLOYS", ...card });
    await slack.command({ user: "U01ANN", channel: "C01DEPLOYS", text: "/deploy" });
    await expect.poll(() => Object.keys(slack.state().views)).toEqual(["U01ANN"]);
    await slack.change({ user: { id: "U01ANN", deleted: true } });
    expect(changes).toEqual([["U01ANN", true]]);
    expect(slack.state().views).toEqual({});
    await expect(slack.click({ user: "U01ANN", channel: "C01DEPLOYS", ts, action_id: "approve" })).rejects.toThrow("is deactivated");
    expect(await call(slack.web, "usergroups.users.list", { usergroup: "S01OWNERS" })).toMatchObject({ users: [] });
    expect(await call(slack.web, "usergroups.users.list", { usergroup: "S01OWNERS", include_disabled: true })).toMatchObject({
      users: ["U01ANN"],
    });
    expect(await call(slack.web, "conversations.members", { channel: "C01DEPLOYS" })).toMatchObject({
      members: expect.not.arrayContaining(["U01ANN"]),
    });
    expect(await call(slack.web, "chat.postEphemeral", { channel: "C01DEPLOYS", user: "U01ANN", text: "t" })).toMatchObject({
      error: "user_not_in_channel",
    });
    expect(await call(slack.web, "users.lookupByEmail", { email: "ann@acme.test" })).toMatchObject({ error: "users_not_found" });
    expect(await call(slack.web, "users.info", { user: "U01ANN" })).toMatchObject({ user: { deleted: true } });
  });
});

test("a team that pays no more has no user groups, and has them again when it does", async () => {
  await using slack = await startSlack();
  expect(await call(slack.web, "usergroups.list")).toMatchObject({ ok: true });
  await slack.change({ team: { plan: "free" } });
  expect(await call(slack.web, "usergroups.list")).toMatchObject({ error: "plan_upgrade_required" });
  expect(await call(slack.web, "usergroups.users.list", { usergroup: "S01OWNERS" })).toMatchObject({ error: "plan_upgrade_required" });
  await slack.change({ team: { plan: "paid" } });
  expect(await call(slack.web, "usergroups.users.list", { usergroup: "S01OWNERS" })).toMatchObject({ users: ["U01ANN"] });
});

test("a shortcut that the app did not register is not in anybody's menu", async () => {
  await using slack = await startSlack();
  const ts = await post(slack, { channel: "C01DEPLOYS", ...card });
  const at = { user: "U01ANN", channel: "C01DEPLOYS", ts };
  await expect(slack.shortcut({ user: "U01ANN", callback_id: "nothing" })).rejects.toThrow("no global shortcut nothing");
  await expect(slack.shortcut({ user: "U01ANN", callback_id: "rollback_msg" })).rejects.toThrow("no global shortcut rollback_msg");
  await expect(slack.shortcut({ ...at, callback_id: "new_deploy" })).rejects.toThrow("no message shortcut new_deploy");
});
