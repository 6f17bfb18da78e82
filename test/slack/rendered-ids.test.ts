import { readFileSync } from "node:fs";
import type { KnownBlock } from "@slack/types";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import type { DeploymentCard } from "../../src/domain/card.ts";
import { VERBS, type Verb } from "../../src/domain/authorize.ts";
import { FINAL_STATES, type StateName } from "../../src/domain/deployment.ts";
import type { Intent } from "../../src/domain/intent.ts";
import { ACTIONS, LINK_PREFIX, SHORTCUTS, VIEWS } from "../../src/slack/action-ids.ts";
import { LINK_ONLY } from "../../src/slack/render/approval-buttons.ts";
import { renderAnswer } from "../../src/slack/render/answer.ts";
import { renderCard } from "../../src/slack/render/card.ts";
import { renderReply } from "../../src/slack/render/reply.ts";
import { startSlack, type TestSlack } from "../slack-simulator/world.ts";
import { until } from "../support/until.ts";
import { context, deploymentId } from "./shop.ts";
import { everyCard } from "./cards.ts";
import { openOffice, type Office } from "./office.ts";
import { calm } from "./wall.ts";

/** Whatever is ever shown is pressed, by the ids it was drawn with: a new button, menu or form without a listener fails here. */

const USER = "U01ANN";
const OPEN_STATES = ["awaiting_approval", "queued", "executing", "cancelling", "needs_attention", "watching", "countdown"] as const;
const STATES: readonly StateName[] = [...OPEN_STATES, ...FINAL_STATES];

/** The rows of the authorisation table that each intent meets; questions meet `see`. An intent without one does not compile. */
const ROWS: Readonly<Record<Intent["kind"], readonly Verb[]>> = {
  help: ["see"],
  status: ["see"],
  history: ["see"],
  diff: ["see"],
  why: ["see"],
  queue: ["see"],
  reviews: ["see"],
  trust: ["see"],
  name_alarm: ["false_alarm"],
  deploy: ["deploy"],
  approve: ["approve"],
  override: ["override"],
  delegate: ["delegate"],
  undelegate: ["undelegate"],
  start_now: ["start_now"],
  offer_again: ["offer_again"],
  reject: ["reject"],
  cancel: ["cancel"],
  roll_back: ["roll_back", "roll_back_schema"],
  stop_countdown: ["stop_countdown"],
  keep_watching: ["keep_watching"],
  on_it: ["on_it"],
  mark_alarm: ["false_alarm"],
  log_file: ["log_file"],
  allow_again: ["allow_again"],
  resolve: ["resolve", "take_over"],
  lock: ["lock"],
  unlock: ["unlock"],
  ask_unlock: ["ask_unlock"],
  freeze: ["freeze"],
  unfreeze: ["unfreeze"],
  validate: ["validate"],
  not_yet: ["not_yet"],
  mute: ["mute"],
  unmute: ["mute"],
};

type Element = {
  readonly action: string;
  readonly type: string;
  /** Choosing or pressing tells the bot: an input that waits for its form tells nothing. */
  readonly tells: boolean;
  readonly options: readonly string[];
};

/** Everything in these blocks that people can press, choose or type into. */
function elementsOf(value: unknown, tells = true): readonly Element[] {
  if (Array.isArray(value)) return value.flatMap((one) => elementsOf(one, tells));
  if (typeof value !== "object" || value === null) return [];
  const fields = new Map(Object.entries(value));
  const told = fields.get("type") === "input" ? fields.get("dispatch_action") === true : tells;
  const inner = [...fields].flatMap(([name, field]) => (name === "state" ? [] : elementsOf(field, told)));
  const [action, type] = [fields.get("action_id"), fields.get("type")];
  if (typeof action !== "string" || typeof type !== "string") return inner;
  return [{ action, type, tells: told, options: optionsOf(fields.get("options")) }, ...inner];
}

function optionsOf(options: unknown): readonly string[] {
  return Array.isArray(options)
    ? options.flatMap((one: { readonly value?: unknown }) => (typeof one.value === "string" ? [one.value] : []))
    : [];
}

/** Options of one menu lead to different things; the same one on two cards does not. */
function kindOf(option: string | null): string {
  if (option === null) return "";
  return /"w":"(\w+)"/u.exec(option)?.[1] ?? (option.startsWith("{") ? "value" : option);
}

/** Of the Home tab's menu. */
function wayOf(option: string | null): string {
  return option === null ? "" : option.startsWith("{") ? kindOf(option) : (option.split(" ")[0] ?? "");
}

function blocksOf(view: Readonly<Record<string, unknown>> | undefined): readonly Readonly<Record<string, unknown>>[] {
  const blocks = view?.["blocks"];
  return Array.isArray(blocks) ? blocks : [];
}

function topOf(slack: TestSlack): Readonly<Record<string, unknown>> | undefined {
  return slack.state().views[USER]?.at(-1);
}

function textOf(slack: TestSlack): string {
  return JSON.stringify(topOf(slack) ?? null);
}

function namedIn(view: Readonly<Record<string, unknown>> | undefined, name: string): string {
  const value = view?.[name];
  return typeof value === "string" ? value : "";
}

/** Everything that is shown in a channel, a thread, or to one person. */
function messages(): readonly KnownBlock[][] {
  const pressed = { deployment: deploymentId(1), counter: 3, digest: "0123456789abcdef" };
  const place = { app: "shop", environment: "production" };
  const reply = { ...calm, text: "words", rollBackButton: true, logButton: true, stopButton: true };
  const shown = { groups: new Map<string, string>(), rollBack: { pressed, ...place, revision: "4c1e77d" }, log: pressed, ...context };
  const refusal = { title: "Not deployed.", reasons: [], who: null, change: null, askUnlock: place };
  return [
    ...[...Object.values(everyCard()), withOverride()].map((model) => renderCard(model, context).blocks),
    renderReply(reply, { ...shown, stop: pressed }).blocks,
    renderAnswer({ kind: "refused", refusal }, context).blocks,
  ];
}

/** Only where the configuration names people who may break the glass. */
function withOverride(): DeploymentCard {
  const model = everyCard()["approval"];
  if (model?.kind !== "deployment" || model.environment.release.mode !== "approval") throw new Error("no approval card");
  const { release } = model.environment;
  const approval = { ...release.approval, override: [{ kind: "id" as const, id: USER }] };
  return { ...model, environment: { ...model.environment, release: { ...release, approval } } };
}

/** What somebody may choose who typed nothing yet. */
async function offered(slack: TestSlack, at: Parameters<TestSlack["click"]>[0]): Promise<{ readonly option: string }> {
  const given = await slack.typeSelect({ ...at, value: "" });
  const [first] = optionsOf(given.options);
  if (first === undefined) throw new Error(`${at.action_id} offers nothing`);
  return { option: first };
}

type Seen = { readonly actions: Set<string>; readonly forms: Set<string> };

/** One press, and what came of it: carried out, a form, or words. Its form is looked at and submitted. */
async function tryOut(
  slack: TestSlack,
  office: Office,
  seen: Seen,
  press: () => Promise<{ readonly result: string }>,
  what: string,
): Promise<void> {
  const carried = office.ledger.carried.length;
  const said = slack.ephemerals(USER).length;
  expect([what, (await press()).result]).toEqual([what, "ok"]);
  if (what.startsWith(LINK_PREFIX) || what.endsWith(` ${LINK_ONLY}`)) return;
  await until(
    () => office.ledger.carried.length > carried || slack.ephemerals(USER).length > said || topOf(slack) !== undefined,
    () => `nothing came of ${what}`,
  );
  if (topOf(slack) !== undefined) await submitted(slack, office, seen, what);
  // An answer that comes late would be taken for the next one's.
  await until(() => office.ledger.answered.size === office.ledger.clicks.size);
}

async function submitted(slack: TestSlack, office: Office, seen: Seen, what: string): Promise<void> {
  await until(
    () => !textOf(slack).includes("Loading…"),
    () => `the form of ${what} never filled itself`,
  );
  const view = topOf(slack);
  const view_id = namedIn(view, "id");
  seen.forms.add(namedIn(view, "callback_id"));
  for (const element of elementsOf(view?.["blocks"])) {
    if (!element.tells) continue;
    seen.actions.add(element.action);
    if (element.type === "external_select") {
      const given = await slack.typeSelect({ user: USER, view_id, action_id: element.action, value: "" });
      expect([element.action, given.result]).toEqual([element.action, "ok"]);
      continue;
    }
    const option = element.options[0] ?? "";
    expect((await slack.click({ user: USER, view_id, action_id: element.action, option })).result).toBe("ok");
  }
  const carried = office.ledger.carried.length;
  const values = textOf(slack).includes('"block_id":"reason"') ? { reason: "because" } : {};
  const outcome = await slack.submit({ user: USER, view_id, values });
  expect([what, outcome.result, outcome.errors]).toEqual([what, "ok", {}]);
  await until(
    () => office.ledger.carried.length > carried,
    () => `nothing came of the form of ${what}`,
  );
  await until(() => topOf(slack) === undefined);
}

test("every state of a deployment is drawn, so that none of its buttons is missed", () => {
  const drawn = Object.values(everyCard()).flatMap((model) =>
    model.kind === "deployment"
      ? [model.deployment.state.state, ...(model.rollback === null ? [] : [model.rollback.deployment.state.state])]
      : [],
  );
  expect(STATES.filter((state) => !drawn.includes(state))).toEqual([]);
});

test("whatever is shown has a listener, and leads to something that the authorisation table knows", async () => {
  await using slack = await startSlack();
  await using office = await openOffice(slack, "socket");
  const seen: Seen = { actions: new Set(), forms: new Set() };
  const tried = new Set<string>();

  for (const blocks of messages()) {
    const fresh = elementsOf(blocks).flatMap((element) => {
      const choices = element.options.length === 0 ? [null] : element.options;
      return choices.map((option) => ({ ...element, option, key: `${element.action} ${kindOf(option)}` }));
    });
    const untried = fresh.filter(({ key }) => !tried.has(key));
    if (untried.length === 0) continue;
    const { postMessage } = slack.web.chat;
    const { ts } = await postMessage({ channel: "C01DEPLOYS", text: "shown", blocks });
    for (const { action, option, key } of untried) {
      if (tried.has(key)) continue;
      tried.add(key);
      seen.actions.add(action);
      const click = { user: USER, channel: "C01DEPLOYS", ts: ts ?? "", action_id: action, ...(option === null ? {} : { option }) };
      await tryOut(slack, office, seen, () => slack.click(click), key);
    }
  }

  await slack.openHome({ user: USER });
  await until(() => slack.state().homes[USER] !== undefined);
  const home = slack.state().homes[USER];
  const view_id = namedIn(home, "id");
  for (const block of blocksOf(home)) {
    for (const { action, type, options } of elementsOf(block)) {
      for (const option of options.length === 0 ? [null] : options) {
        const key = `home ${action} ${wayOf(option)}`;
        if (tried.has(key)) continue;
        tried.add(key);
        seen.actions.add(action);
        const at = { user: USER, view_id, action_id: action, block_id: namedIn(block, "block_id") };
        const chosen = type === "external_select" ? await offered(slack, at) : option === null ? {} : { option };
        await tryOut(slack, office, seen, () => slack.click({ ...at, ...chosen }), key.slice("home ".length));
      }
    }
  }

  const ours = [...seen.actions].filter((action) => !action.startsWith(LINK_PREFIX));
  expect(ours.toSorted()).toEqual(Object.values(ACTIONS).toSorted());
  expect([...seen.forms].toSorted()).toEqual(Object.values(VIEWS).toSorted());
  const known: ReadonlySet<string> = new Set(VERBS);
  const met = office.ledger.carried.flatMap(({ intent }) => ROWS[intent.kind]);
  expect(met.filter((verb) => !known.has(verb))).toEqual([]);
  expect(met.length).toBeGreaterThan(20);
  expect(office.reports).toEqual([]);
});

test("the manifest's command and every shortcut have a listener", async () => {
  const manifest = z
    .object({
      features: z.object({
        slash_commands: z.array(z.object({ command: z.string() })),
        shortcuts: z.array(z.object({ type: z.enum(["global", "message"]), callback_id: z.string() })),
      }),
    })
    .parse(parse(readFileSync(new URL("../../slack-manifest.yml", import.meta.url), "utf8")));
  await using slack = await startSlack();
  await using office = await openOffice(slack, "socket");
  const { postMessage } = slack.web.chat;
  const { ts } = await postMessage({ channel: "C01DEPLOYS", text: "a card" });
  for (const { command } of manifest.features.slash_commands)
    expect((await slack.command({ user: USER, channel: "C01DEPLOYS", text: `${command} help` })).result).toBe("ok");
  const { shortcuts } = manifest.features;
  expect(shortcuts.map((shortcut) => shortcut.callback_id)).toEqual(Object.values(SHORTCUTS));
  for (const { callback_id, type } of shortcuts) {
    const at = type === "message" ? { channel: "C01DEPLOYS", ts: ts ?? "" } : {};
    expect([callback_id, (await slack.shortcut({ user: USER, callback_id, ...at })).result]).toEqual([callback_id, "ok"]);
    await until(() => topOf(slack) !== undefined && !textOf(slack).includes("Loading…"));
    await slack.closeView({ user: USER, view_id: namedIn(topOf(slack), "id"), all: true });
  }
  expect(office.reports).toEqual([]);
});
