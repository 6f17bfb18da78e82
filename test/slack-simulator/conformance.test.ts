import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { methods } from "../../sandbox/slack/api/dispatch.ts";
import { listOf, objectOf, parseJson, textOf, type Json } from "../../sandbox/slack/json.ts";
import { badCalls } from "./bad-calls.ts";
import { bot, seed } from "./seed.ts";
import { call, clientOf, post, startSlack, type TestSlack } from "./world.ts";

/** The simulator beside a machine-readable copy of Slack's reference, where that copy is at hand. */

const folder = join(process.env["GREENLIGHT_FIXTURES"] ?? resolve(import.meta.dirname, "../../../shared/fixtures"), "slack/methods");
const documented = Object.keys(methods).filter((name) => existsSync(join(folder, `${name}.json`)));

function reference(method: string): Json {
  return objectOf(parseJson(readFileSync(join(folder, `${method}.json`), "utf8")));
}

/** Errors any method may answer (docs.slack.dev, the common set). */
const common = ["invalid_arguments", "missing_scope", "not_allowed_token_type", "unknown_method", "invalid_auth", "no_permission"];
/** Known from Slack's behaviour, absent from the copy: attachments that are no list, a time that is none, markdown that is too long. */
const undocumented = [
  "chat.postMessage invalid_attachments",
  "chat.postMessage invalid_thread_ts",
  "chat.postMessage msg_too_long",
  "views.update invalid_arguments",
];

/** A call of each method that must succeed. */
const good: Record<string, (slack: TestSlack, ts: string) => Json> = {
  "auth.test": () => ({}),
  "chat.postMessage": () => ({ channel: "C01DEPLOYS", text: "t" }),
  "chat.update": (_slack, ts) => ({ channel: "C01DEPLOYS", ts, text: "t" }),
  "chat.delete": (_slack, ts) => ({ channel: "C01DEPLOYS", ts }),
  "chat.postEphemeral": () => ({ channel: "C01DEPLOYS", user: "U01ANN", text: "t" }),
  "chat.getPermalink": (_slack, ts) => ({ channel: "C01DEPLOYS", message_ts: ts }),
  "conversations.list": () => ({}),
  "conversations.info": () => ({ channel: "C01DEPLOYS" }),
  "conversations.members": () => ({ channel: "C01DEPLOYS" }),
  "conversations.join": () => ({ channel: "C02GENERAL" }),
  "conversations.open": () => ({ users: "U01ANN" }),
  "conversations.history": () => ({ channel: "C01DEPLOYS" }),
  "conversations.replies": (_slack, ts) => ({ channel: "C01DEPLOYS", ts }),
  "users.info": () => ({ user: "U01ANN" }),
  "users.list": () => ({}),
  "users.lookupByEmail": () => ({ email: "ann@acme.test" }),
  "usergroups.list": () => ({}),
  "usergroups.users.list": () => ({ usergroup: "S01OWNERS" }),
  "views.publish": () => ({ user_id: "U01ANN", view: { type: "home", blocks: [] } }),
  "files.getUploadURLExternal": () => ({ filename: "a.log", length: 3 }),
  "reactions.add": (_slack, ts) => ({ channel: "C01DEPLOYS", timestamp: ts, name: "eyes" }),
  "apps.connections.open": () => ({}),
};

describe.skipIf(documented.length === 0)("beside Slack's own reference (skipped when the fixtures are not at hand)", () => {
  test.each(documented)("%s has its tier, its scope and its required arguments", (name) => {
    const page = reference(name);
    const method = methods[name];
    const tier = textOf(page["rate_limits"]) === "t5" ? "special" : page["rate_limits"];
    expect(method?.tier).toBe(tier);
    const scopes = listOf(objectOf(page["scope"])["bot"]);
    expect([...(method?.scopes ?? [])].toSorted()).toEqual([...scopes].toSorted());
    const required = listOf(objectOf(page["args"])["required"]).filter((argument) => argument !== "token");
    expect([...(method?.required ?? [])].toSorted()).toEqual([...required].toSorted());
  });

  test.each(documented.filter((name) => good[name]))("%s answers the members the reference names, and no others", async (name) => {
    await using slack = await startSlack({ seed });
    const ts = await post(slack, { channel: "C01DEPLOYS", text: "card" });
    const web = name === "apps.connections.open" ? clientOf(slack, bot.appToken) : slack.web;
    const { ok, response_metadata: _metadata, warning: _warning, ...members } = await call(web, name, good[name]?.(slack, ts) ?? {});
    expect(ok).toBe(true);
    const output = objectOf(reference(name)["output"]);
    expect(Object.keys(members)).toEqual(expect.arrayContaining([...listOf(output["required"])]));
    const known = Object.keys(objectOf(output["properties"]));
    expect(Object.keys(members).filter((member) => known.length > 0 && !known.includes(member))).toEqual([]);
  });

  test("every refusal is one the reference knows for that method", () => {
    const foreign = badCalls
      .filter(([method, , , error]) => documented.includes(method) && !common.includes(error))
      .filter(([method, , , error]) => !Object.keys(objectOf(reference(method)["errors"])).includes(error))
      .map(([method, , , error]) => `${method} ${error}`)
      .filter((pair) => !undocumented.includes(pair));
    expect(foreign).toEqual([]);
  });
});
