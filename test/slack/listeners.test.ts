import { describe, expect, test } from "vitest";
import type { KnownBlock } from "@slack/types";
import { ACTIONS, INPUTS } from "../../src/slack/action-ids.ts";
import { encodeValue } from "../../src/slack/action-value.ts";
import type { Click } from "../../src/slack/deps.ts";
import { renderCard } from "../../src/slack/render/card.ts";
import { seed } from "../slack-simulator/seed.ts";
import { startSlack, type TestSlack } from "../slack-simulator/world.ts";
import { until } from "../support/until.ts";
import { context, deploymentId } from "./shop.ts";
import { everyCard } from "./cards.ts";
import { choices, emptyLedger, openOffice } from "./office.ts";

const pressed = { deployment: deploymentId(1), counter: 3, digest: "0123456789abcdef" };

async function show(slack: TestSlack, blocks: KnownBlock[]): Promise<{ readonly channel: string; readonly ts: string }> {
  const { postMessage } = slack.web.chat;
  const { ts } = await postMessage({ channel: "C01DEPLOYS", text: "a card", blocks });
  return { channel: "C01DEPLOYS", ts: ts ?? "" };
}

function cardBlocks(name: string): KnownBlock[] {
  const model = everyCard()[name];
  if (model === undefined) throw new Error(`no card named ${name}`);
  return renderCard(model, context).blocks;
}

/** An answer to a press is there in some milliseconds. */
async function heard(slack: TestSlack, user: string, words: string): Promise<void> {
  await until(
    () => slack.ephemerals(user).some((message) => JSON.stringify([message.text, message.blocks]).includes(words)),
    () => `${user} never read “${words}” but ${JSON.stringify(slack.ephemerals(user).map((message) => message.text))}`,
    5_000,
  );
}

describe.each(["socket", "http"] as const)("by %s", (mode) => {
  test("a press is stored, acked in time, carried out and answered to its presser alone", async () => {
    await using slack = await startSlack();
    const slow = Promise.withResolvers<void>();
    await using office = await openOffice(slack, mode, {
      async carryOut() {
        await slow.promise;
        return { kind: "done", text: "You said yes. It starts." };
      },
    });
    const card = await show(slack, cardBlocks("approval"));
    const outcome = await slack.click({ user: "U01ANN", action_id: ACTIONS.approve, ...card });
    expect(outcome.result).toBe("ok");
    expect(outcome.latencyMs).toBeLessThan(3_000);
    expect(slack.ephemerals("U01ANN")).toEqual([]);
    expect(office.ledger.answered.size).toBe(0);
    slow.resolve();
    await heard(slack, "U01ANN", "You said yes. It starts.");
    expect(slack.ephemerals("U02BOB")).toEqual([]);
    await until(() => office.ledger.answered.size === 1);
    expect(office.ledger.carried[0]).toMatchObject({
      intent: { kind: "approve", deployment: deploymentId(1), counter: 3 },
      person: { id: "U01ANN", name: "ann", team: "T01SIM", guest: false, bot: false, deleted: false },
    });
  });

  test("a refusal says not done, every reason, who can and what changes it", async () => {
    await using slack = await startSlack();
    await using office = await openOffice(slack, mode, {
      carryOut: async () => ({
        kind: "refused",
        refusal: {
          title: "Not deployed: you may not approve this, Eve.",
          reasons: [
            { rule: "approval", text: "production of shop needs a yes from @product-owners", owner: "@product-owners", liftsAt: null },
            { rule: "freeze", text: "nothing is deployed on <Friday>", owner: null, liftsAt: new Date() },
          ],
          who: "Ann or Farid",
          change: "a workspace admin can add you to the group",
        },
      }),
    });
    const card = await show(slack, cardBlocks("approval"));
    await slack.click({ user: "U03EVE", action_id: ACTIONS.approve, ...card });
    for (const words of [
      "you may not approve this, Eve.",
      "Nothing has changed.",
      "&lt;Friday&gt;",
      "*Who can:* Ann or Farid.",
      "*To change it:* A workspace admin",
    ]) {
      await heard(slack, "U03EVE", words);
    }
    expect(office.reports).toEqual([]);
  });

  test("a typo does nothing and is told what was near", async () => {
    await using slack = await startSlack();
    await using office = await openOffice(slack, mode);
    await slack.command({ user: "U01ANN", channel: "C01DEPLOYS", text: "/deploy shpo production" });
    await heard(slack, "U01ANN", "Did you mean `/deploy shop production`?");
    expect(office.ledger.clicks.size).toBe(0);
  });

  test("a form asks why, and its answer comes where it was opened", async () => {
    await using slack = await startSlack();
    await using office = await openOffice(slack, mode);
    const card = await show(slack, cardBlocks("approval"));
    await slack.click({ user: "U01ANN", action_id: ACTIONS.reject, ...card });
    const view = await opened(slack, "U01ANN");
    const submitted = await slack.submit({ user: "U01ANN", view_id: view, values: { [INPUTS.reason]: "the price list is wrong" } });
    expect(submitted.result).toBe("ok");
    await heard(slack, "U01ANN", "Did reject.");
    expect(office.ledger.carried[0]?.intent).toMatchObject({
      kind: "reject",
      reason: "the price list is wrong",
      deployment: deploymentId(1),
    });
  });

  test("/deploy opens a form that fills itself, follows the choice, and starts what it says", async () => {
    await using slack = await startSlack();
    await using office = await openOffice(slack, mode);
    const outcome = await slack.command({ user: "U01ANN", channel: "C01DEPLOYS", text: "/deploy" });
    expect(outcome.result).toBe("ok");
    const view = await opened(slack, "U01ANN");
    await until(() => JSON.stringify(slack.state().views["U01ANN"]).includes("Ask for approval"));
    await slack.click({ user: "U01ANN", view_id: view, action_id: ACTIONS.deployApp, option: "blog" });
    await until(() => JSON.stringify(slack.state().views["U01ANN"]).includes(`${INPUTS.revision}:blog:production`));
    const submitted = await slack.submit({ user: "U01ANN", view_id: view });
    expect([submitted.result, submitted.errors]).toEqual(["ok", {}]);
    await heard(slack, "U01ANN", "Did deploy.");
    expect(office.ledger.carried[0]?.intent).toEqual({
      kind: "deploy",
      app: "blog",
      environment: "production",
      ref: choices.chosen?.value,
    });
    expect(office.reports).toEqual([]);
  });
});

function idOf(view: { readonly [name: string]: unknown } | undefined): string {
  const id = view?.["id"];
  return typeof id === "string" ? id : "";
}

async function opened(slack: TestSlack, user: string): Promise<string> {
  await until(
    () => (slack.state().views[user]?.length ?? 0) > 0,
    () => `no form opened for ${user}`,
  );
  return idOf(slack.state().views[user]?.at(-1));
}

describe("a click", () => {
  test("delivered twice is carried out once", async () => {
    await using slack = await startSlack();
    await using office = await openOffice(slack, "socket");
    const card = await show(slack, cardBlocks("approval"));
    const outcome = await slack.click({ user: "U01ANN", action_id: ACTIONS.approve, ...card });
    await heard(slack, "U01ANN", "Did approve.");
    await slack.redeliver(outcome.id);
    await slack.click({ user: "U01ANN", action_id: ACTIONS.approve, ...card });
    await until(() => office.ledger.carried.length === 2);
    expect(new Set(office.ledger.carried.map((carried) => carried.id)).size).toBe(2);
  });

  test("that cannot be stored in time is acked, told so, and never carried out", async () => {
    await using slack = await startSlack();
    const stored = Promise.withResolvers<"taken">();
    await using office = await openOffice(slack, "socket", { deps: { takeClick: () => stored.promise } });
    const card = await show(slack, cardBlocks("approval"));
    const outcome = await slack.click({ user: "U01ANN", action_id: ACTIONS.approve, ...card });
    expect(outcome.result).toBe("ok");
    await heard(slack, "U01ANN", "press again");
    stored.resolve("taken");
    await until(() => office.ledger.answered.size === 1);
    expect(office.ledger.carried).toEqual([]);
  });

  test("stored before a crash is carried out and answered by the next start", async () => {
    await using slack = await startSlack();
    const ledger = emptyLedger();
    const click: Click = {
      id: "press:U01ANN:1:approve",
      actor: { kind: "slack", id: "U01ANN", name: "ann" },
      team: "T01SIM",
      intent: { kind: "approve", ...pressed },
      where: { channel: "C01DEPLOYS", thread: null, responseUrl: null },
      at: new Date(),
    };
    ledger.clicks.set(click.id, click);
    await using office = await openOffice(slack, "socket", { ledger });
    await heard(slack, "U01ANN", "Did approve.");
    await until(() => office.ledger.answered.has(click.id));
    expect(office.ledger.carried.map((carried) => carried.id)).toEqual([click.id]);
  });

  test("by a guest and by a stranger comes with the facts that the rules need", async () => {
    await using slack = await startSlack();
    await using office = await openOffice(slack, "socket");
    await slack.change({ channel: { id: "C01DEPLOYS", members: ["U01ANN", "U04GUEST", "U05STRANGER", "UBOT01"] } });
    const card = await show(slack, cardBlocks("approval"));
    await slack.click({ user: "U04GUEST", action_id: ACTIONS.approve, ...card });
    await slack.click({ user: "U05STRANGER", action_id: ACTIONS.approve, ...card });
    await until(() => office.ledger.carried.length === 2);
    expect(office.ledger.carried.map((carried) => [carried.person?.guest, carried.person?.team])).toEqual([
      [true, "T01SIM"],
      // Of another workspace, in a shared channel: no guest of ours, whatever else is allowed to guests.
      [false, "T99OTHER"],
    ]);
    expect([...office.ledger.clicks.values()].map((click) => click.team)).toEqual(["T01SIM", "T99OTHER"]);
  });

  test("on a button of an older version is answered, not obeyed", async () => {
    await using slack = await startSlack();
    await using office = await openOffice(slack, "socket");
    const value = encodeValue(pressed).replace('"v":3', '"v":"3"');
    const element = { type: "button", action_id: ACTIONS.approve, text: { type: "plain_text", text: "Approve" }, value } as const;
    const card = await show(slack, [{ type: "actions", elements: [element] }]);
    await slack.click({ user: "U01ANN", action_id: ACTIONS.approve, ...card });
    await heard(slack, "U01ANN", "earlier version of Greenlight");
    expect(office.ledger.clicks.size).toBe(0);
  });
});

test("the Home tab, the shortcut and every command word are answered", async () => {
  await using slack = await startSlack();
  await using office = await openOffice(slack, "socket");
  await slack.openHome({ user: "U01ANN" });
  await until(() => (JSON.stringify(slack.state().homes["U01ANN"]) ?? "").includes("things wait for you"));
  const view = idOf(slack.state().homes["U01ANN"]);
  expect((await slack.click({ user: "U01ANN", view_id: view, action_id: ACTIONS.homeDeploy })).result).toBe("ok");
  expect((await slack.shortcut({ user: "U02BOB", callback_id: "new_deploy" })).result).toBe("ok");
  await opened(slack, "U02BOB");
  for (const text of ["help", "status", "lock shop production sale for 2h", "unlock shop production", "shop production"]) {
    const outcome = await slack.command({ user: "U03EVE", channel: "C01DEPLOYS", text: `/deploy ${text}` });
    expect([text, outcome.result]).toEqual([text, "ok"]);
  }
  await until(() => office.ledger.answered.size === 5);
  await slack.command({ user: "U03EVE", channel: "C01DEPLOYS", text: "/deploy rollback shop production" });
  const form = await opened(slack, "U03EVE");
  await until(() => JSON.stringify(slack.state().views["U03EVE"]).includes("Back to"));
  await slack.submit({ user: "U03EVE", view_id: form, values: { [INPUTS.reason]: null } });
  await heard(slack, "U03EVE", "Did roll_back.");
  expect(office.reports).toEqual([]);
});

describe("the whole log", () => {
  const button = {
    type: "button" as const,
    action_id: ACTIONS.logFile,
    text: { type: "plain_text" as const, text: "Whole log" },
    value: encodeValue(pressed),
  };
  const message = [{ type: "actions" as const, elements: [button] }];
  const allowed = { carryOut: async () => ({ kind: "log_file" as const, deployment: deploymentId(1) }) };

  test("goes as a file to its presser alone, and the press is answered", async () => {
    await using slack = await startSlack();
    await using office = await openOffice(slack, "socket", allowed);
    const card = await show(slack, message);
    await slack.click({ user: "U01ANN", action_id: ACTIONS.logFile, ...card });
    await heard(slack, "U01ANN", "in your messages with Greenlight");
    const shared = slack.state().messages.filter((one) => one.files.length > 0);
    expect(shared).toHaveLength(1);
    const direct = slack.state().channels.find((one) => one.id === shared[0]?.channel);
    expect(direct).toMatchObject({ is_im: true, user: "U01ANN" });
    expect(slack.file(String(shared[0]?.files[0]?.["id"]))).toMatchObject({
      name: "shop-production-12.log",
      title: "shop/production#12",
      text: "==> web-1 migrate\nno such table: ünïcode\n",
    });
    await until(() => office.ledger.answered.size === 1);
  });

  test("without the scope the presser is told which, and where to read it instead", async () => {
    const scopes = seed.bot.scopes.filter((scope) => scope !== "files:write");
    await using slack = await startSlack({ seed: { ...seed, bot: { ...seed.bot, scopes } } });
    await using office = await openOffice(slack, "socket", allowed);
    const card = await show(slack, message);
    await slack.click({ user: "U01ANN", action_id: ACTIONS.logFile, ...card });
    await heard(slack, "U01ANN", "files:write");
    await heard(slack, "U01ANN", `greenlight logs ${deploymentId(1)}`);
    expect(slack.state().messages.some((one) => one.files.length > 0)).toBe(false);
    expect(office.reports).toEqual([]);
  });

  test("a Slack that is busy gets the file a little later", async () => {
    await using slack = await startSlack();
    await using office = await openOffice(slack, "socket", allowed);
    const card = await show(slack, message);
    slack.fault({ method: "files.getUploadURLExternal", status: 503, times: 1 });
    await slack.click({ user: "U01ANN", action_id: ACTIONS.logFile, ...card });
    await until(() => slack.state().messages.some((one) => one.files.length > 0), undefined, 60_000);
    expect(office.reports).toEqual([]);
  });
});
