import { expect, test } from "vitest";
import { ACTIONS, VIEWS } from "../../src/slack/action-ids.ts";
import { encodeHome } from "../../src/slack/home-value.ts";
import { PER_MINUTE } from "../../src/slack/rate.ts";
import { renderCard } from "../../src/slack/render/card.ts";
import { startSlack, type TestSlack } from "../slack-simulator/world.ts";
import { until } from "../support/until.ts";
import { context } from "./shop.ts";
import { everyCard } from "./cards.ts";
import { openOffice } from "./office.ts";

async function card(slack: TestSlack, name: string): Promise<{ readonly channel: string; readonly ts: string }> {
  const model = everyCard()[name];
  if (model === undefined) throw new Error(`no card named ${name}`);
  const { postMessage } = slack.web.chat;
  const { ts } = await postMessage({ channel: "C01DEPLOYS", text: "a card", blocks: renderCard(model, context).blocks });
  return { channel: "C01DEPLOYS", ts: ts ?? "" };
}

test("whoever floods is told so and nothing of it is done, while a roll back, a cancel and everybody else go on", async () => {
  await using slack = await startSlack();
  await using office = await openOffice(slack, "socket");
  const [approval, regression, executing] = [await card(slack, "approval"), await card(slack, "regression"), await card(slack, "queued")];
  for (let typed = 0; typed < 2 * PER_MINUTE; typed += 1)
    await slack.command({ user: "U03EVE", channel: "C01DEPLOYS", text: "/deploy status" });
  await until(
    () => slack.ephemerals("U03EVE").some(({ text }) => String(text).includes("too many for one person")),
    () => JSON.stringify(slack.ephemerals("U03EVE").slice(-1)),
  );
  // It fills while it is emptied, one a second; this machine may be slow.
  const statuses = (): number => [...office.ledger.clicks.values()].filter(({ intent }) => intent.kind === "status").length;
  expect(statuses()).toBeGreaterThanOrEqual(PER_MINUTE);
  expect(statuses()).toBeLessThan(2 * PER_MINUTE);

  await slack.click({ user: "U03EVE", action_id: ACTIONS.rollBack, ...regression });
  await slack.click({ user: "U03EVE", action_id: ACTIONS.cancel, ...executing });
  await slack.click({ user: "U01ANN", action_id: ACTIONS.approve, ...approval });
  await until(() => office.ledger.carried.length >= statuses() + 3);
  const done = office.ledger.carried
    .map(({ intent, person }) => `${person?.name} ${intent.kind}`)
    .filter((word) => !word.endsWith("status"));
  expect(done.toSorted()).toEqual(["ann approve", "eve cancel", "eve roll_back"]);
  await slack.openHome({ user: "U03EVE" });
  await until(() => slack.state().homes["U03EVE"] !== undefined);
  const home = slack.state().homes["U03EVE"];
  const option = encodeHome({ app: "shop", environment: "staging" }, "roll_back");
  await slack.click({ user: "U03EVE", view_id: String(home?.["id"]), action_id: ACTIONS.homeMenu, option });
  await until(() => slack.state().views["U03EVE"]?.at(-1)?.["callback_id"] === VIEWS.rollBack);
  expect(office.reports).toEqual([]);
});

test("whoever types a roll back in any spelling that is understood is not held back", async () => {
  await using slack = await startSlack();
  await using office = await openOffice(slack, "socket", { deps: { takeTurn: async () => false } });
  const typed = [
    { user: "U01ANN", text: "roll back shop production" },
    { user: "U02BOB", text: "please rollback shop production" },
    { user: "U03EVE", text: "Roll-Back shop production" },
  ];
  for (const { user, text } of typed) {
    await slack.command({ user, channel: "C01DEPLOYS", text: `/deploy ${text}` });
    await until(
      () => slack.state().views[user]?.at(-1)?.["callback_id"] === VIEWS.rollBack,
      () => `${text}: ${JSON.stringify(slack.ephemerals(user).slice(-1))}`,
    );
  }
  await slack.command({ user: "U03EVE", channel: "C01DEPLOYS", text: "/deploy status" });
  await until(() => JSON.stringify(slack.ephemerals("U03EVE")).includes("too many for one person"));
  expect(office.ledger.carried).toEqual([]);
});

test("a press that was not taken is answered where it was made", async () => {
  await using slack = await startSlack();
  await using office = await openOffice(slack, "socket");
  const clicked = async (): Promise<boolean> => {
    await slack.click({ user: "U02BOB", action_id: ACTIONS.onIt, ...(await card(slack, "regression")) });
    return slack.ephemerals("U02BOB").some((message) => JSON.stringify(message).includes("too many for one person"));
  };
  for (let typed = 0; typed < PER_MINUTE; typed += 1)
    await slack.command({ user: "U02BOB", channel: "C01DEPLOYS", text: "/deploy status" });
  await until(clicked, undefined, 60_000);
  expect(office.reports).toEqual([]);
});

test("a database that does not count keeps nobody from pressing", async () => {
  await using slack = await startSlack();
  await using office = await openOffice(slack, "socket", { deps: { takeTurn: () => new Promise(() => undefined) } });
  await slack.command({ user: "U02BOB", channel: "C01DEPLOYS", text: "/deploy status" });
  await until(() => office.ledger.answered.size === 1);
  expect(office.reports).toEqual([]);
});
