import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { methods } from "../../sandbox/slack/api/dispatch.ts";
import { isJson, listOf, objectOf, parseJson, textOf, type Json } from "../../sandbox/slack/json.ts";
import { plain } from "./blocks.ts";
import { badCalls } from "./bad-calls.ts";
import { startBot } from "./bots.ts";
import { bot, seed } from "./seed.ts";
import { call, clientOf, post, startSlack, type TestSlack } from "./world.ts";

/** The simulator beside a machine-readable copy of Slack's reference, where that copy is at hand. */

const folder = join(process.env["GREENLIGHT_FIXTURES"] ?? resolve(import.meta.dirname, "../../../shared/fixtures"), "slack/methods");
const pages = existsSync(folder) ? readdirSync(folder).map((file) => file.replace(/\.json$/u, "")) : [];
const documented = Object.keys(methods).filter((name) => existsSync(join(folder, `${name}.json`)));

function reference(method: string): Json {
  return objectOf(parseJson(readFileSync(join(folder, `${method}.json`), "utf8")));
}

/** Documented, and not served: Greenlight calls none of them. */
const notServed = ["bookmarks.add", "chat.deleteScheduledMessage", "chat.scheduleMessage", "chat.unfurl", "pins.add"];
/** Served, and absent from the copy. */
const notDocumented = ["api.test", "blocks.validate"];

/** Errors any method may answer (docs.slack.dev, the common set). */
const common = ["invalid_arguments", "missing_scope", "not_allowed_token_type", "unknown_method", "invalid_auth", "no_permission"];
/** Known from Slack's behaviour, absent from the copy: attachments that are no list, a time that is none, markdown that is too long. */
const undocumented = [
  "chat.postMessage invalid_attachments",
  "chat.postMessage invalid_thread_ts",
  "chat.postMessage msg_too_long",
  "views.update invalid_arguments",
];

/** Where the copy's example is older than the types of @slack/web-api. */
const outdated = ["usergroups.list /usergroups/0/user_count: number here, string there"];

/** A call of each method that must succeed. */
const good: Record<string, (slack: TestSlack, ts: string) => Json | Promise<Json>> = {
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
  "views.open": async (slack) => ({ trigger_id: await triggerOf(slack), view }),
  "views.push": async (slack) => ({ trigger_id: await triggerOf(slack, { inView: true }), view }),
  "views.update": async (slack) => ({ view_id: await viewOf(slack), view }),
  "views.publish": () => ({ user_id: "U01ANN", view: { type: "home", blocks: [] } }),
  "files.getUploadURLExternal": () => ({ filename: "a.log", length: 3 }),
  "files.completeUploadExternal": async (slack) => ({ files: [{ id: await uploaded(slack), title: "A log" }], channel_id: "C01DEPLOYS" }),
  "reactions.add": (_slack, ts) => ({ channel: "C01DEPLOYS", timestamp: ts, name: "eyes" }),
  "apps.connections.open": () => ({}),
};

const press = { type: "actions", elements: [{ type: "button", action_id: "deeper", text: plain("Deeper") }] };
const view = { type: "modal", title: plain("One"), blocks: [press] };

/** The trigger_id of a command, or of a press in the view that it opened. */
async function triggerOf(slack: TestSlack, options: { readonly inView: boolean } = { inView: false }): Promise<string> {
  const triggers: string[] = [];
  await startBot(slack, "socket", (app) => {
    app.command("/deploy", async ({ ack, command }) => (triggers.push(command.trigger_id), await ack()));
    app.action("deeper", async ({ ack, body }) => (triggers.push(body.type === "block_actions" ? body.trigger_id : ""), await ack()));
  });
  await slack.command({ user: "U01ANN", channel: "C01DEPLOYS", text: "/deploy" });
  if (options.inView) {
    const opened = await call(slack.web, "views.open", { trigger_id: triggers[0], view });
    await slack.click({ user: "U01ANN", view_id: textOf(objectOf(opened["view"])["id"]) ?? "", action_id: "deeper" });
  }
  return triggers.at(-1) ?? "";
}

async function viewOf(slack: TestSlack): Promise<string> {
  const opened = await call(slack.web, "views.open", { trigger_id: await triggerOf(slack), view });
  return textOf(objectOf(opened["view"])["id"]) ?? "";
}

async function uploaded(slack: TestSlack): Promise<string> {
  const { upload_url: url, file_id: id } = await call(slack.web, "files.getUploadURLExternal", { filename: "a.log", length: 3 });
  await fetch(String(url), { method: "POST", body: "log" });
  return String(id);
}

async function answerTo(slack: TestSlack, name: string): Promise<Json> {
  const ts = await post(slack, { channel: "C01DEPLOYS", text: "card" });
  const web = name === "apps.connections.open" ? clientOf(slack, bot.appToken) : slack.web;
  return call(web, name, (await good[name]?.(slack, ts)) ?? {});
}

function kind(value: unknown): string {
  return Array.isArray(value) ? "array" : typeof value;
}

/** Where both have a member, it must be of one kind: pointers of those that are not. */
function otherKinds(ours: unknown, theirs: unknown, pointer = ""): string[] {
  if (ours === null || theirs === null || ours === undefined || theirs === undefined) return [];
  if (kind(ours) !== kind(theirs)) return [`${pointer}: ${kind(ours)} here, ${kind(theirs)} there`];
  if (Array.isArray(ours) && Array.isArray(theirs)) return otherKinds(ours[0], theirs[0], `${pointer}/0`);
  if (!isJson(ours) || !isJson(theirs)) return [];
  return Object.keys(ours).flatMap((name) => otherKinds(ours[name], theirs[name], `${pointer}/${name}`));
}

/** The answers the reference shows for a call that succeeded. */
function examples(name: string): Json[] {
  const shown = Object.values(objectOf(reference(name)["examples"])).map((one) => objectOf(objectOf(one)["example"]));
  return shown.filter((one) => one["ok"] === true);
}

describe.skipIf(documented.length === 0)(
  "beside Slack's own reference (skipped when the copy of it is not at hand: set GREENLIGHT_FIXTURES)",
  () => {
    test("every documented method is served or named as not needed, every served one is documented or named as absent", () => {
      expect(pages.filter((name) => methods[name] === undefined).toSorted()).toEqual(notServed);
      expect(
        Object.keys(methods)
          .filter((name) => !pages.includes(name))
          .toSorted(),
      ).toEqual(notDocumented);
      expect(documented.filter((name) => good[name] === undefined)).toEqual([]);
    });

    test.each(documented)("%s has its tier, its scope and its required arguments, and takes none that Slack does not know", (name) => {
      const page = reference(name);
      const method = methods[name];
      const tier = textOf(page["rate_limits"]) === "t5" ? "special" : page["rate_limits"];
      expect(method?.tier).toBe(tier);
      const scopes = listOf(objectOf(page["scope"])["bot"]);
      expect([...(method?.scopes ?? [])].toSorted()).toEqual([...scopes].toSorted());
      const required = listOf(objectOf(page["args"])["required"]).filter((argument) => argument !== "token");
      expect([...(method?.required ?? [])].toSorted()).toEqual([...required].toSorted());
      const known = Object.keys(objectOf(objectOf(page["args"])["properties"]));
      expect((method?.optional ?? []).filter((argument) => !known.includes(argument))).toEqual([]);
    });

    test.each(documented)(
      "%s answers the members the reference names, of the same kinds as in its examples, and no others",
      async (name) => {
        await using slack = await startSlack({ seed });
        const { ok, response_metadata: _metadata, warning: _warning, ...members } = await answerTo(slack, name);
        expect(ok).toBe(true);
        const output = objectOf(reference(name)["output"]);
        expect(Object.keys(members)).toEqual(expect.arrayContaining([...listOf(output["required"])]));
        const known = Object.keys(objectOf(output["properties"]));
        expect(Object.keys(members).filter((member) => known.length > 0 && !known.includes(member))).toEqual([]);
        const other = examples(name).flatMap((example) => otherKinds(members, example));
        expect(other.filter((one) => !outdated.includes(`${name} ${one}`))).toEqual([]);
        expect(slack.state().dev.strangers).toEqual([]);
      },
    );

    test("every refusal is one the reference knows for that method", () => {
      const foreign = badCalls
        .filter(([method, , , error]) => documented.includes(method) && !common.includes(error))
        .filter(([method, , , error]) => !Object.keys(objectOf(reference(method)["errors"])).includes(error))
        .map(([method, , , error]) => `${method} ${error}`)
        .filter((pair) => !undocumented.includes(pair));
      expect(foreign).toEqual([]);
    });

    test("every method that can refuse is seen to refuse", () => {
      const refusing = new Set(badCalls.map(([method]) => method));
      expect(documented.filter((name) => !refusing.has(name))).toEqual(neverRefuse);
    });
  },
);

/** They refuse for their token, their scope or the rate alone, which is tested for all. */
const neverRefuse = ["auth.test", "users.list", "usergroups.list"];
