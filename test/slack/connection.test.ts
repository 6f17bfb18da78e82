import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { ACTIONS, SHORTCUTS } from "../../src/slack/action-ids.ts";
import { NEEDED_SCOPES } from "../../src/slack/boot.ts";
import { sdkLogger } from "../../src/slack/clients.ts";
import { renderCard } from "../../src/slack/render/card.ts";
import { socketLine } from "../../src/slack/socket-line.ts";
import { bot, seed } from "../slack-simulator/seed.ts";
import { startSlack } from "../slack-simulator/world.ts";
import { until } from "../support/until.ts";
import { context } from "./shop.ts";
import { everyCard } from "./cards.ts";
import { openOffice } from "./office.ts";

describe("people and groups", () => {
  test("are ids of our own team; whoever cannot be read is nobody, and named", async () => {
    await using slack = await startSlack();
    await using office = await openOffice(slack, "socket");
    const { directory } = office.slack;
    const resolved = await directory.resolve([
      { kind: "group", handle: "product-owners" },
      { kind: "email", email: "BOB@acme.test" },
      { kind: "id", id: "U03EVE" },
      { kind: "group", handle: "nobody" },
      { kind: "group", handle: "gone" },
      { kind: "id", id: "U05STRANGER" },
      { kind: "id", id: "U06GONE" },
      { kind: "id", id: "UBOT01" },
      { kind: "email", email: "x@y.test" },
    ]);
    expect(resolved.ids).toEqual(["U01ANN", "U02BOB", "U03EVE"]);
    expect(resolved.unreadable).toHaveLength(6);
    expect(await directory.byEmail("ann@acme.test")).toMatchObject({ id: "U01ANN" });
    expect(await directory.person("U0NOBODY")).toBeNull();
  });

  test("a group is read anew when it changes, and a failing Slack is not remembered", async () => {
    await using slack = await startSlack();
    await using office = await openOffice(slack, "socket");
    const owners = [{ kind: "group", handle: "product-owners" } as const];
    slack.fault({ method: "usergroups.list", error: "plan_upgrade_required", times: 1 });
    expect((await office.slack.directory.resolve(owners)).unreadable.join()).toContain("no user groups");
    expect((await office.slack.directory.resolve(owners)).ids).toEqual(["U01ANN"]);
    await slack.change({ usergroup: { id: "S01OWNERS", users: ["U02BOB"] } });
    await until(async () => (await office.slack.directory.resolve(owners)).ids.join() === "U02BOB");
  });
});

describe("the connection", () => {
  test("what is wrong is said with what to do", async () => {
    await using slack = await startSlack({
      seed: { ...seed, bot: { ...seed.bot, scopes: ["commands", "chat:write", "channels:read", "users:read", "users:read.email"] } },
    });
    await using office = await openOffice(slack, "socket");
    const sentences = await office.slack.check(["#shop-deploys", "#general", "#old", "#nowhere", "#shared"]);
    expect(sentences).toHaveLength(5);
    expect(sentences[0]).toContain("usergroups:read");
    expect(sentences.find((sentence) => sentence.includes("#general"))).toContain("/invite @greenlight");
    expect(sentences.find((sentence) => sentence.includes("#shared"))).toContain("another workspace");
  });

  test("nothing is wrong when nothing is", async () => {
    await using slack = await startSlack();
    await using office = await openOffice(slack, "socket");
    expect(await office.slack.check(["#shop-deploys", "C01DEPLOYS"])).toEqual([]);
  });

  test("a press is heard while one of two connections is replaced", async () => {
    await using slack = await startSlack();
    await using office = await openOffice(slack, "socket");
    expect(office.slack.connected()).toBe(true);
    const model = everyCard()["approval"];
    if (model === undefined) throw new Error("no approval card");
    const { ts } = await slack.web.chat.postMessage({ channel: "C01DEPLOYS", text: "card", blocks: renderCard(model, context).blocks });
    slack.disconnect({ reason: "drop", most: 1 });
    const outcome = await slack.click({ user: "U01ANN", channel: "C01DEPLOYS", ts: ts ?? "", action_id: ACTIONS.approve });
    expect(outcome.result).toBe("ok");
    await until(() => office.ledger.answered.size === 1);
  });

  test("connections that fall silent without being closed are noticed and replaced", async () => {
    await using slack = await startSlack();
    await using office = await openOffice(slack, "socket");
    expect(slack.disconnect({ reason: "silent" })).toBe(2);
    expect(slack.state().dev.connection.count).toBe(0);
    await until(() => slack.state().dev.connection.count === 2, undefined, 60_000);
    const outcome = await slack.command({ user: "U01ANN", channel: "C01DEPLOYS", text: "/deploy status" });
    expect(outcome.result).toBe("ok");
    await until(() => office.ledger.answered.size === 1);
  });

  test("a connection that is taken and never greeted is given up for another one, also when it is closed meanwhile", async () => {
    await using slack = await startSlack();
    slack.disconnect({ reason: "drop", unanswered: 2 });
    const line = socketLine({ appToken: bot.appToken, apiUrl: slack.apiUrl, logger: sdkLogger(() => undefined), greetedMs: 500 });
    const started = line.receiver.start();
    await until(() => line.connected() && slack.state().dev.connection.count === 2, undefined, 60_000);
    await started;
    slack.disconnect({ reason: "drop", unanswered: 1 });
    await until(() => slack.state().dev.connection.count === 2, undefined, 60_000);
    await line.receiver.stop();
    await until(() => slack.state().dev.connection.count === 0, undefined, 60_000);
    expect(line.connected()).toBe(false);
  });

  test("after a long time without Slack it is asked as often as before, and a token that is refused meanwhile ends nothing", async () => {
    await using slack = await startSlack();
    await using office = await openOffice(slack, "socket");
    const asked = (): number => slack.state().dev.calls["apps.connections.open"]?.total ?? 0;
    slack.fault({ method: "apps.connections.open", error: "invalid_auth", times: 8 });
    const before = asked();
    slack.disconnect({ reason: "drop" });
    await until(() => asked() - before >= 10 && slack.state().dev.connection.count === 2, undefined, 60_000);
    expect((await slack.command({ user: "U01ANN", channel: "C01DEPLOYS", text: "/deploy status" })).result).toBe("ok");
    await until(() => office.ledger.answered.size === 1);
  });

  test("a press is stored and answered although Slack's API failed at the start", async () => {
    await using slack = await startSlack();
    slack.fault({ method: "auth.test", status: 503, times: 3 });
    slack.fault({ method: "chat.postEphemeral", status: 503, times: 1 });
    await using office = await openOffice(slack, "http");
    const outcome = await slack.command({ user: "U01ANN", channel: "C01DEPLOYS", text: "/deploy status" });
    expect(outcome.result).toBe("ok");
    // By the response_url, since the first way failed.
    await until(() => slack.ephemerals("U01ANN").some((message) => message.by === "response_url"));
    await until(() => office.ledger.answered.size === 1);
  });

  test("the bot starts while Slack is away, and connects when it is back", async () => {
    await using slack = await startSlack();
    slack.fault({ method: "apps.connections.open", status: 503, times: 2 });
    await using office = await openOffice(slack, "socket");
    await until(() => office.slack.connected());
    const outcome = await slack.command({ user: "U01ANN", channel: "C01DEPLOYS", text: "/deploy status" });
    expect(outcome.result).toBe("ok");
    await until(() => office.ledger.answered.size === 1);
  });

  test("a wrong app token is said with what to do", async () => {
    await using slack = await startSlack();
    slack.fault({ method: "apps.connections.open", error: "invalid_auth", times: 2 });
    await expect(openOffice(slack, "socket")).rejects.toThrow("SLACK_APP_TOKEN (invalid_auth)");
  });

  test("an unsigned request and one from the future are refused", async () => {
    await using slack = await startSlack();
    await using office = await openOffice(slack, "http");
    const url = slack.state().dev.connection.mode === "http" ? office.url : "";
    const body = "command=%2Fdeploy&text=status";
    const future = String(Math.floor(Date.now() / 1000) + 3_600);
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    expect((await fetch(url, { method: "POST", headers, body })).status).toBe(401);
    expect(
      (
        await fetch(url, {
          method: "POST",
          headers: { ...headers, "x-slack-request-timestamp": future, "x-slack-signature": "v0=1" },
          body,
        })
      ).status,
    ).toBe(401);
    expect(office.ledger.clicks.size).toBe(0);
  });
});

test("the manifest asks for what is needed, and for what is listened to", () => {
  const manifest = z
    .object({
      features: z.object({
        slash_commands: z.array(z.object({ command: z.string(), should_escape: z.boolean() })),
        shortcuts: z.array(
          z.object({ callback_id: z.string(), type: z.string(), name: z.string().max(24), description: z.string().max(150) }),
        ),
      }),
      oauth_config: z.object({ scopes: z.object({ bot: z.array(z.string()), bot_optional: z.array(z.string()) }) }),
      settings: z.object({ event_subscriptions: z.object({ bot_events: z.array(z.string()) }), socket_mode_enabled: z.boolean() }),
    })
    .parse(parse(readFileSync(new URL("../../slack-manifest.yml", import.meta.url), "utf8")));
  expect(manifest.oauth_config.scopes.bot.toSorted()).toEqual([...NEEDED_SCOPES].toSorted());
  expect(Object.fromEntries(manifest.features.shortcuts.map((shortcut) => [shortcut.callback_id, shortcut.type]))).toEqual({
    [SHORTCUTS.newDeploy]: "global",
    [SHORTCUTS.rollBackMessage]: "message",
  });
  expect(manifest.features.shortcuts).toHaveLength(Object.keys(SHORTCUTS).length);
  expect(manifest.features.slash_commands).toEqual([expect.objectContaining({ command: "/deploy", should_escape: true })]);
  expect(manifest.settings.event_subscriptions.bot_events).toEqual(["app_home_opened", "subteam_members_changed"]);
});
