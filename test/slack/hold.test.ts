import { expect, test } from "vitest";
import { ACTIONS } from "../../src/slack/action-ids.ts";
import { encodePlace, parsePlace } from "../../src/slack/place-value.ts";
import { renderAnswer } from "../../src/slack/render/answer.ts";
import { renderCard } from "../../src/slack/render/card.ts";
import { startSlack } from "../slack-simulator/world.ts";
import { until } from "../support/until.ts";
import { context, inMinutes, NOW } from "./shop.ts";
import { everyCard } from "./cards.ts";
import { openOffice } from "./office.ts";

const PLACE = { app: "shop", environment: "production" };
const refusal = {
  kind: "refused",
  refusal: {
    title: "Not unlocked: Ann holds it: a demo",
    reasons: [{ rule: "lock", text: "Ann holds it: a demo", owner: "Ann", liftsAt: inMinutes(60) }],
    who: "Ann",
    change: `It ends at ${inMinutes(60).toISOString()}. Ask them.`,
    askUnlock: PLACE,
  },
} as const;

test("the owner of a lock is asked from the card of what waits behind it", async () => {
  await using slack = await startSlack();
  await using office = await openOffice(slack, "socket");
  const model = everyCard()["queued_behind"];
  if (model === undefined) throw new Error("no card waits behind a lock");
  const { postMessage } = slack.web.chat;
  const { ts } = await postMessage({ channel: "C01DEPLOYS", text: "a card", blocks: renderCard(model, context).blocks });
  const outcome = await slack.click({ user: "U02BOB", action_id: ACTIONS.askUnlock, channel: "C01DEPLOYS", ts: ts ?? "" });
  expect(outcome.result).toBe("ok");
  await until(() => office.ledger.carried.length === 1);
  expect(office.ledger.carried[0]).toMatchObject({ intent: { kind: "ask_unlock", ...PLACE }, person: { id: "U02BOB" } });
});

test("and from the refusal of whoever wanted to unlock it, which says when it ends in the reader's own time", async () => {
  await using slack = await startSlack();
  await using office = await openOffice(slack, "socket", {
    carryOut: async (click) => (click.intent.kind === "unlock" ? refusal : { kind: "done", text: "Ann is told that you ask." }),
  });
  await slack.command({ user: "U02BOB", channel: "C01DEPLOYS", text: "/deploy unlock shop production" });
  const told = () => slack.ephemerals("U02BOB").find((message) => JSON.stringify(message.blocks).includes(ACTIONS.askUnlock));
  await until(() => told() !== undefined);
  const said = JSON.stringify(told()?.blocks);
  expect(said).toContain(`<!date^${inMinutes(60).getTime() / 1000}^`);
  expect(said).not.toContain(inMinutes(60).toISOString());
  const outcome = await slack.click({ user: "U02BOB", action_id: ACTIONS.askUnlock, channel: "C01DEPLOYS", ts: told()?.ts ?? "" });
  expect(outcome.result).toBe("ok");
  await until(() => slack.ephemerals("U02BOB").some((message) => String(message.text).includes("Ann is told that you ask.")));
  expect(office.ledger.carried.map(({ intent }) => intent.kind)).toEqual(["unlock", "ask_unlock"]);
  expect(office.reports).toEqual([]);
});

test("a button of a value that is none of ours is answered, not obeyed", async () => {
  await using slack = await startSlack();
  await using office = await openOffice(slack, "socket");
  const element = {
    type: "button",
    action_id: ACTIONS.askUnlock,
    text: { type: "plain_text", text: "Ask to unlock" },
    value: '{"a":"shop"}',
  } as const;
  const { postMessage } = slack.web.chat;
  const { ts } = await postMessage({ channel: "C01DEPLOYS", text: "old", blocks: [{ type: "actions", elements: [element] }] });
  await slack.click({ user: "U02BOB", action_id: ACTIONS.askUnlock, channel: "C01DEPLOYS", ts: ts ?? "" });
  await until(() => slack.ephemerals("U02BOB").some((message) => String(message.text).includes("earlier version of Greenlight")));
  expect(office.ledger.clicks.size).toBe(0);
});

test.each([PLACE, { app: "a.b_c-1", environment: "e".repeat(40) }])("a place comes back as it was: %o", (place) => {
  expect(parsePlace(encodePlace(place))).toEqual(place);
});

test("what is frozen is said with its owner and its end, in the status too", () => {
  const row = { app: "shop", environment: "production", live: null, mixed: false, current: null, lock: null, hosts: [] };
  const words = (freeze: { owner: string | null; reason: string | null; until: Date | null }): string =>
    renderAnswer({ kind: "status", rows: [{ ...row, freeze }], now: NOW }, { now: NOW }).text;
  expect(words({ owner: "Petra", reason: "the sale", until: inMinutes(60) })).toContain("Frozen by Petra until 10:15 UTC: the sale");
  expect(words({ owner: null, reason: null, until: null })).toMatch(/Frozen by the calendar$/u);
});
