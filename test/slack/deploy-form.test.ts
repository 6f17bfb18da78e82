import { describe, expect, test } from "vitest";
import type { DeployChoices } from "../../src/domain/intent.ts";
import type { RefChoices } from "../../src/domain/ref-choices.ts";
import { ACTIONS, SHORTCUTS } from "../../src/slack/action-ids.ts";
import { NO_CHOICE } from "../../src/slack/render/ref-options.ts";
import { post, startSlack, type TestSlack } from "../slack-simulator/world.ts";
import { until } from "../support/until.ts";
import { sha } from "./shop.ts";
import { choices, openOffice } from "./office.ts";

const FOUND: RefChoices = {
  candidates: [{ value: sha("9f3c2ab"), name: "feat(pay): pay with Bancontact", note: "9f3c2ab, newest that passed" }],
  branches: [{ value: "refs/heads/pay-later", name: "pay-later", note: null }],
  tags: [{ value: "refs/tags/v2.4.1", name: "v2.4.1", note: null }],
  commits: [{ value: sha("4c1e77d"), name: "Faster search", note: "4c1e77d, main" }],
  away: false,
};
const USER = "U01ANN";

function topOf(slack: TestSlack): { readonly id: string; readonly text: string } {
  const view = slack.state().views[USER]?.at(-1);
  const id = view?.["id"];
  return { id: typeof id === "string" ? id : "", text: JSON.stringify(view ?? null) };
}

/** Opened by the shortcut, and filled. */
async function openForm(slack: TestSlack, words = "Where"): Promise<string> {
  await slack.shortcut({ user: USER, callback_id: SHORTCUTS.newDeploy });
  await until(
    () => topOf(slack).text.includes(words),
    () => topOf(slack).text,
  );
  return topOf(slack).id;
}

function labels(groups: readonly unknown[] | null): readonly string[] {
  return (groups ?? []).map((group) => /"text":"([^"]*)"/u.exec(JSON.stringify(group))?.[1] ?? "");
}

describe("the search for a version", () => {
  test.each(["socket", "http"] as const)("offers groups before anything is typed, and asks for what is typed, by %s", async (mode) => {
    await using slack = await startSlack();
    const asked: unknown[] = [];
    await using office = await openOffice(slack, mode, {
      deps: {
        async searchRefs(wanted) {
          asked.push(wanted);
          return FOUND;
        },
      },
    });
    const view_id = await openForm(slack);
    const first = await slack.typeSelect({ user: USER, view_id, action_id: ACTIONS.deployRevision, value: "" });
    expect([first.result, labels(first.option_groups)]).toEqual(["ok", ["Candidates", "Branches", "Tags", "Recent commits"]]);
    expect(JSON.stringify(first.options)).toContain("Pay with Bancontact (9f3c2ab, newest that passed)");
    await slack.typeSelect({ user: USER, view_id, action_id: ACTIONS.deployRevision, value: "v2" });
    const place = { app: "shop", environment: "production", user: USER };
    expect(asked).toEqual([
      { ...place, text: "" },
      { ...place, text: "v2" },
    ]);
    await slack.click({ user: USER, view_id, action_id: ACTIONS.deployRevision, option: "refs/tags/v2.4.1" });
    await until(() => topOf(slack).text.includes('"initial_option":{"text":{"type":"plain_text","text":"refs/tags/v2.4.1"'));
    expect((await slack.submit({ user: USER, view_id })).result).toBe("ok");
    await until(() => office.ledger.carried.length === 1);
    expect(office.ledger.carried[0]?.intent).toEqual({ kind: "deploy", app: "shop", environment: "production", ref: "refs/tags/v2.4.1" });
    expect(office.reports).toEqual([]);
  });

  test("says that the code host is silent, beside what the database has", async () => {
    await using slack = await startSlack();
    await using office = await openOffice(slack, "socket", {
      deps: { searchRefs: async () => ({ ...FOUND, branches: [], tags: [], away: true }) },
    });
    const view_id = await openForm(slack);
    const given = await slack.typeSelect({ user: USER, view_id, action_id: ACTIONS.deployRevision, value: "" });
    expect(labels(given.option_groups)).toEqual(["Candidates", "Recent commits", "The code host does not answer"]);
    await slack.click({ user: USER, view_id, action_id: ACTIONS.deployRevision, option: NO_CHOICE });
    expect(topOf(slack).text).not.toContain(`"initial_option":{"text":{"type":"plain_text","text":"${NO_CHOICE}"`);
    expect(office.reports).toEqual([]);
  });

  test("is answered within Slack's 3 s by a database that is not", async () => {
    await using slack = await startSlack();
    const never = Promise.withResolvers<RefChoices>();
    await using office = await openOffice(slack, "socket", { deps: { searchRefs: () => never.promise } });
    const view_id = await openForm(slack);
    const given = await slack.typeSelect({ user: USER, view_id, action_id: ACTIONS.deployRevision, value: "x" });
    expect([given.result, labels(given.option_groups)]).toEqual(["ok", ["The code host does not answer"]]);
    never.resolve(FOUND);
    expect(office.reports).toEqual([]);
  });

  test("that fails is reported, and its reader has an answer", async () => {
    await using slack = await startSlack();
    await using office = await openOffice(slack, "socket", { deps: { searchRefs: () => Promise.reject(new Error("no database")) } });
    const view_id = await openForm(slack);
    expect((await slack.typeSelect({ user: USER, view_id, action_id: ACTIONS.deployRevision, value: "x" })).result).toBe("ok");
    expect(office.reports).toEqual(["no database"]);
  });
});

test("more apps than a select lists are found by typing", async () => {
  await using slack = await startSlack();
  const names = Array.from({ length: 140 }, (_, at) => `app-${at}`);
  await using office = await openOffice(slack, "socket", {
    deps: {
      vocabulary: async () => names.map((app) => ({ app, environments: ["production"] })),
      deployChoices: async (wanted) => ({ ...choices, apps: names, app: wanted.app ?? "app-0" }),
    },
  });
  const view_id = await openForm(slack);
  const all = await slack.typeSelect({ user: USER, view_id, action_id: ACTIONS.deployApp, value: "" });
  expect(all.options).toHaveLength(100);
  const some = await slack.typeSelect({ user: USER, view_id, action_id: ACTIONS.deployApp, value: "APP-13" });
  expect(some.options).toHaveLength(11);
  await slack.click({ user: USER, view_id, action_id: ACTIONS.deployApp, option: "app-139" });
  await until(() => topOf(slack).text.includes("revision:app-139:production"));
  expect(office.reports).toEqual([]);
});

test("whoever may see no app is told so in the form, and nothing is reported as broken", async () => {
  await using slack = await startSlack();
  await using office = await openOffice(slack, "socket", { deps: { deployChoices: async () => null } });
  await slack.shortcut({ user: USER, callback_id: SHORTCUTS.newDeploy });
  await until(() => topOf(slack).text.includes("There is no app that you may see here."));
  expect(office.reports).toEqual([]);
});

test("what is asked already has its card linked, where Slack says where it stands", async () => {
  await using slack = await startSlack();
  const channel = "C01DEPLOYS";
  let card = { channel, ts: await post(slack, { channel, text: "Approval needed" }) };
  const deployChoices = async (): Promise<DeployChoices> => ({ ...choices, doing: "asked", effect: "It is already asked.", card });
  await using office = await openOffice(slack, "socket", { deps: { deployChoices } });
  await openForm(slack, "Nothing starts yet. It is already asked.");
  expect(topOf(slack).text).toMatch(/It is already asked\. <https?:[^|]*\|Open the card>/u);
  card = { channel, ts: "1.000001" };
  await openForm(slack, 'It is already asked."');
  expect(office.reports).toEqual([]);
});

describe("the button says what it does", () => {
  test.each([
    ["starts", "Deploy"],
    ["waits", "Deploy when it may"],
    ["asks", "Ask for approval"],
    ["asked", "Asked already"],
    ["refused", null],
  ] as const)("%s", async (doing, label) => {
    await using slack = await startSlack();
    const deployChoices = async (): Promise<DeployChoices> => ({ ...choices, doing, effect: "It does what it says." });
    await using office = await openOffice(slack, "socket", { deps: { deployChoices } });
    await openForm(slack, "Nothing starts yet. It does what it says.");
    const { text } = topOf(slack);
    expect(text.includes('"submit":{"type":"plain_text"') || text.includes('"submit":{"text"')).toBe(label !== null);
    expect(text.includes(`"text":"${label ?? "Deploy when it may"}"`)).toBe(label !== null);
    expect(text).toContain('"type":"alert"');
    expect(text).toContain("It ends at &lt;!date^".replace("&lt;", "<"));
    expect(office.reports).toEqual([]);
  });
});
