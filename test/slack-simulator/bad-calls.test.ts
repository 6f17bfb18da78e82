import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { badCalls } from "./bad-calls.ts";
import { section, text } from "./blocks.ts";
import { bot, seed } from "./seed.ts";
import { call, clientOf, post, startSlack, type TestSlack } from "./world.ts";

const deploys = { channel: "C01DEPLOYS" };

async function sendRaw(slack: TestSlack, headers: Record<string, string>, body: string): Promise<unknown> {
  const response = await fetch(`${slack.apiUrl}auth.test`, { method: "POST", headers, body: Buffer.from(body) });
  return response.json();
}

describe("the Web API refuses", () => {
  let slack: TestSlack;
  beforeAll(async () => {
    slack = await startSlack();
  });
  afterAll(() => slack.close());

  test.each(badCalls)("%s for %s", async (method, _why, args, error) => {
    expect(await call(slack.web, method, args)).toMatchObject({ ok: false, error });
  });

  test.each([
    ["a wrong token", "xoxb-other", "chat.postMessage", "invalid_auth"],
    ["the app token", bot.appToken, "chat.postMessage", "not_allowed_token_type"],
  ])("%s", async (_name, token, method, error) => {
    expect(await call(clientOf(slack, token), method, { ...deploys, text: "t" })).toMatchObject({ ok: false, error });
  });

  test("calls without a token or without a readable body", async () => {
    expect(await sendRaw(slack, { "content-type": "application/json" }, "{}")).toMatchObject({ error: "not_authed" });
    expect(await sendRaw(slack, { "content-type": "application/json" }, "{")).toMatchObject({ error: "invalid_json" });
    expect(await sendRaw(slack, { "content-type": "application/json" }, "[]")).toMatchObject({ error: "json_not_object" });
    expect(await sendRaw(slack, { "content-type": "text/csv" }, "a,b")).toMatchObject({ error: "invalid_post_type" });
  });

  test("edits and deletions of what others wrote", async () => {
    const { ts } = slack.say({ user: "U01ANN", channel: "C01DEPLOYS", text: "hello" });
    expect(await call(slack.web, "chat.update", { ...deploys, ts, text: "t" })).toMatchObject({ error: "cant_update_message" });
    expect(await call(slack.web, "chat.delete", { ...deploys, ts })).toMatchObject({ error: "cant_delete_message" });
  });

  test("edits that are too long, empty, or in a channel archived meanwhile", async () => {
    await using own = await startSlack();
    const ts = await post(own, { ...deploys, text: "t" });
    expect(await call(own.web, "chat.update", { ...deploys, ts, text: text(4000) })).toMatchObject({ ok: true });
    expect(await call(own.web, "chat.update", { ...deploys, ts, text: text(4001) })).toMatchObject({ error: "msg_too_long" });
    expect(await call(own.web, "chat.update", { ...deploys, ts })).toMatchObject({ error: "no_text" });
    await own.change({ channel: { id: "C01DEPLOYS", is_archived: true } });
    expect(await call(own.web, "chat.update", { ...deploys, ts, text: "t" })).toMatchObject({ error: "is_inactive" });
  });

  test("a scope that was not granted, saying which", async () => {
    await using poor = await startSlack({ seed: { ...seed, bot: { ...seed.bot, scopes: ["commands", "chat:write"] } } });
    const answer = await call(poor.web, "usergroups.list");
    expect(answer).toMatchObject({ ok: false, error: "missing_scope", needed: "usergroups:read", provided: "commands,chat:write" });
    expect(answer["response_metadata"]).toMatchObject({ scopes: ["commands", "chat:write"], acceptedScopes: ["usergroups:read"] });
  });

  test("user groups on a free plan, and a Home that is switched off", async () => {
    await using free = await startSlack({
      seed: { ...seed, team: { ...seed.team, plan: "free" }, bot: { ...seed.bot, home_tab_enabled: false } },
    });
    expect(await call(free.web, "usergroups.list")).toMatchObject({ error: "plan_upgrade_required" });
    expect(await call(free.web, "views.publish", { user_id: "U01ANN", view: { type: "home", blocks: [] } })).toMatchObject({
      error: "not_enabled",
    });
  });

  test("an external_id that another view has", async () => {
    const view = { type: "home", external_id: "one", blocks: [section("x")] };
    expect(await call(slack.web, "views.publish", { user_id: "U01ANN", view })).toMatchObject({ ok: true });
    expect(await call(slack.web, "views.publish", { user_id: "U01ANN", view })).toMatchObject({ ok: true });
    expect(await call(slack.web, "views.publish", { user_id: "U02BOB", view })).toMatchObject({ error: "duplicate_external_id" });
  });
});

test("an argument that Slack does not know does nothing, and is told", async () => {
  await using slack = await startSlack();
  expect(await call(slack.web, "chat.postMessage", { ...deploys, text: "t", unfurl_link: false, colour: "red" })).toMatchObject({
    ok: true,
  });
  expect(await call(slack.web, "chat.postMessage", { ...deploys, text: "t", unfurl_links: false, colour: "red" })).toMatchObject({
    ok: true,
  });
  expect(slack.state().dev.strangers).toEqual(["chat.postMessage unfurl_link", "chat.postMessage colour"]);
});
