import { describe, expect, test } from "vitest";
import type { RollBackAsked, RollBackOffer } from "../../src/domain/roll-back-offer.ts";
import { ACTIONS, INPUTS, SHORTCUTS } from "../../src/slack/action-ids.ts";
import { pressedOf } from "../../src/slack/action-value.ts";
import { renderCard } from "../../src/slack/render/card.ts";
import { startSlack, type TestSlack } from "../slack-simulator/world.ts";
import { until } from "../support/until.ts";
import { context, deploymentId, sha } from "./shop.ts";
import { everyCard } from "./cards.ts";
import { openOffice } from "./office.ts";

const OFFER: RollBackOffer = {
  pressed: { deployment: deploymentId(7), counter: 9, digest: "fedcba9876543210" },
  app: "shop",
  environment: "production",
  number: 812,
  revision: sha("9f3c2ab"),
  ways: [
    { revision: sha("4c1e77d"), title: "Faster product search", healthySince: new Date() },
    { revision: sha("1a2b3c4"), title: null, healthySince: null },
  ],
  against: null,
  running: false,
};

/** A card in the channel, whose message is then acted on. */
async function shown(slack: TestSlack, name: string): Promise<{ readonly channel: string; readonly ts: string }> {
  const model = everyCard()[name];
  if (model === undefined) throw new Error(`no card named ${name}`);
  const { postMessage } = slack.web.chat;
  const { ts } = await postMessage({ channel: "C01DEPLOYS", text: "a card", blocks: renderCard(model, context).blocks });
  return { channel: "C01DEPLOYS", ts: ts ?? "" };
}

/** The form as it stands there once it says these words. */
async function form(slack: TestSlack, user: string, words: string): Promise<{ readonly id: string; readonly text: string }> {
  const text = (): string => JSON.stringify(slack.state().views[user]?.at(-1) ?? null);
  await until(
    () => text().includes(words),
    () => `${user} never saw “${words}” in a form but ${text()}`,
  );
  const id = slack.state().views[user]?.at(-1)?.["id"];
  return { id: typeof id === "string" ? id : "", text: text() };
}

describe("Roll back… on a healthy card", () => {
  test("offers the default and what else ran there, and carries what its button was drawn with", async () => {
    await using slack = await startSlack();
    const asked: RollBackAsked[] = [];
    await using office = await openOffice(slack, "socket", {
      deps: {
        async rollBackOf(what) {
          asked.push(what);
          return OFFER;
        },
      },
    });
    const model = everyCard()["succeeded"];
    if (model?.kind !== "deployment") throw new Error("no card of a success");
    await slack.click({ user: "U01ANN", action_id: ACTIONS.rollBackAsk, ...(await shown(slack, "succeeded")) });
    const { id, text } = await form(slack, "U01ANN", "Back to");
    expect(text).toContain("4c1e77d Faster product search, healthy here, the usual way");
    expect(text).toContain("1a2b3c4, not verified here");
    expect(asked).toEqual([{ deployment: model.deployment.id, user: "U01ANN" }]);
    const values = { [INPUTS.to]: sha("1a2b3c4"), [INPUTS.reason]: "the price is wrong" };
    expect((await slack.submit({ user: "U01ANN", view_id: id, values })).result).toBe("ok");
    await until(() => office.ledger.carried.length === 1);
    expect(office.ledger.carried[0]?.intent).toEqual({
      kind: "roll_back",
      to: sha("1a2b3c4"),
      reason: "the price is wrong",
      ...pressedOf(model.deployment),
    });
    expect(office.reports).toEqual([]);
  });

  test("submitted as it is goes to the default, without a reason", async () => {
    await using slack = await startSlack();
    await using office = await openOffice(slack, "socket", { deps: { rollBackOf: async () => OFFER } });
    await slack.command({ user: "U01ANN", channel: "C01DEPLOYS", text: "/deploy rollback shop production" });
    const { id } = await form(slack, "U01ANN", "Back to");
    await slack.submit({ user: "U01ANN", view_id: id });
    await until(() => office.ledger.carried.length === 1);
    expect(office.ledger.carried[0]?.intent).toEqual({ kind: "roll_back", to: sha("4c1e77d"), reason: null, ...OFFER.pressed });
  });
});

describe("a form that can change nothing has no button for it, and says why", () => {
  const changed: Readonly<Record<string, RollBackOffer | null>> = {
    "Greenlight deployed nothing here": null,
    "There is no earlier version here": { ...OFFER, ways: [] },
    "Ann is rolling it back already.": { ...OFFER, against: { because: "Ann is rolling it back already.", change: null } },
    "Earlier code needs field note": { ...OFFER, against: { because: "Earlier code needs field note", change: "Roll back the database" } },
  };
  test.each(Object.entries(changed))("%s", async (words, offer) => {
    await using slack = await startSlack();
    await using office = await openOffice(slack, "socket", { deps: { rollBackOf: async () => offer } });
    await slack.command({ user: "U01ANN", channel: "C01DEPLOYS", text: "/deploy rollback shop production" });
    const { id, text } = await form(slack, "U01ANN", words);
    expect(text).not.toContain("Back to");
    await expect(slack.submit({ user: "U01ANN", view_id: id })).rejects.toThrow("submit");
    expect(office.ledger.clicks.size).toBe(0);
  });

  test("a database that does not answer is said in the form, and the fault is reported", async () => {
    await using slack = await startSlack();
    await using office = await openOffice(slack, "socket", { deps: { rollBackOf: () => Promise.reject(new Error("connection refused")) } });
    await slack.command({ user: "U01ANN", channel: "C01DEPLOYS", text: "/deploy rollback shop production" });
    await form(slack, "U01ANN", "could not be read");
    expect(office.reports).toEqual(["connection refused"]);
  });
});

describe.each(["socket", "http"] as const)("Roll back this deploy, in the menu of a message, by %s", (mode) => {
  test("is about the message's place, and asks before anything is done", async () => {
    await using slack = await startSlack();
    const asked: RollBackAsked[] = [];
    await using office = await openOffice(slack, mode, {
      deps: {
        async rollBackOf(what) {
          asked.push(what);
          return OFFER;
        },
      },
    });
    const message = await shown(slack, "succeeded");
    expect((await slack.shortcut({ user: "U02BOB", callback_id: SHORTCUTS.rollBackMessage, ...message })).result).toBe("ok");
    const { id } = await form(slack, "U02BOB", "Back to");
    expect(asked).toEqual([{ channel: message.channel, ts: message.ts, user: "U02BOB" }]);
    expect(office.ledger.clicks.size).toBe(0);
    await slack.submit({ user: "U02BOB", view_id: id });
    await until(() => office.ledger.carried.length === 1);
    expect(office.ledger.carried[0]?.intent).toMatchObject({ kind: "roll_back", ...OFFER.pressed });
    await until(() => slack.ephemerals("U02BOB").some((one) => one.text.includes("Did roll_back")));
  });
});

async function typed(slack: TestSlack, to: string): Promise<void> {
  await slack.command({ user: "U02BOB", channel: "C01DEPLOYS", text: `/deploy rollback shop production to ${to}` });
}

describe("/deploy rollback ... to", () => {
  test("a tag chooses the version behind it, and the form carries its commit", async () => {
    await using slack = await startSlack();
    const asked: RollBackAsked[] = [];
    await using office = await openOffice(slack, "socket", {
      deps: {
        async rollBackOf(what) {
          asked.push(what);
          return { ...OFFER, chosen: sha("1a2b3c4") };
        },
      },
    });
    await typed(slack, "v2.4.0");
    const { id } = await form(slack, "U02BOB", "Back to");
    expect(asked).toEqual([{ app: "shop", environment: "production", to: "v2.4.0", user: "U02BOB" }]);
    await slack.submit({ user: "U02BOB", view_id: id });
    await until(() => office.ledger.carried.length === 1);
    expect(office.ledger.carried[0]?.intent).toMatchObject({ kind: "roll_back", to: sha("1a2b3c4") });
  });

  test.each([
    { chosen: null, says: "Nobody knows a version called “v9”." },
    { chosen: sha("0badbad"), says: "“v9” (`0badbad`) was never live there, or is blocked." },
  ])("a name that cannot be taken is said, and nothing is chosen in its place: $says", async ({ chosen, says }) => {
    await using slack = await startSlack();
    await using office = await openOffice(slack, "socket", { deps: { rollBackOf: async () => ({ ...OFFER, chosen }) } });
    await typed(slack, "v9");
    const { text } = await form(slack, "U02BOB", "Back to");
    expect(text).toContain(says);
    expect(text).not.toContain("initial_option");
    expect(office.reports).toEqual([]);
  });
});
