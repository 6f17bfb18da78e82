import { describe, expect, test } from "vitest";
import type { KnownBlock } from "@slack/types";
import type { DeploymentCard, Reply } from "../../src/domain/card.ts";
import type { LaterChoices } from "../../src/domain/intent.ts";
import { ACTIONS, INPUTS } from "../../src/slack/action-ids.ts";
import { LINK_ONLY } from "../../src/slack/render/approval-buttons.ts";
import { renderCard } from "../../src/slack/render/card.ts";
import { WHEN } from "../../src/slack/render/later-view.ts";
import { renderReply } from "../../src/slack/render/reply.ts";
import { startSlack, type TestSlack } from "../slack-simulator/world.ts";
import { until } from "../support/until.ts";
import { ann, context, deploymentId, inMinutes, minutesAgo, NOW } from "./shop.ts";
import { card } from "./card.ts";
import { openOffice } from "./office.ts";

const HOUR = 3_600_000;
const bea = { kind: "slack", id: "U07BEA", name: "Bea", for: { id: "U05FARID", name: "Farid" } } as const;

/** The card that asks, with what makes it special. */
function asking(over: Partial<DeploymentCard> = {}, approval: object = {}): DeploymentCard {
  const asked = card({ state: "awaiting_approval", expiresAt: inMinutes(1440), voided: null });
  const { release } = asked.environment;
  if (release.mode !== "approval") throw new Error("the card of a test asks nobody");
  return {
    ...asked,
    environment: { ...asked.environment, release: { ...release, approval: { ...release.approval, ...approval } } },
    ...over,
  };
}

const GLASS = { override: [{ kind: "id", id: "U01ANN" }] };

function words(of: DeploymentCard): string {
  return JSON.stringify(renderCard(of, context).blocks);
}

function labels(of: DeploymentCard): readonly string[] {
  return renderCard(of, context).blocks.flatMap((block) =>
    block.type === "actions"
      ? block.elements.map((element) => ("text" in element && element.text !== undefined ? String(element.text.text) : element.type))
      : [],
  );
}

async function show(slack: TestSlack, blocks: KnownBlock[]): Promise<{ readonly channel: string; readonly ts: string }> {
  const { postMessage } = slack.web.chat;
  const { ts } = await postMessage({ channel: "C01DEPLOYS", text: "a card", blocks });
  return { channel: "C01DEPLOYS", ts: ts ?? "" };
}

async function opened(slack: TestSlack, user: string): Promise<{ readonly id: string; readonly text: string }> {
  await until(
    () => (slack.state().views[user]?.length ?? 0) > 0,
    () => `no form opened for ${user}`,
  );
  const view = slack.state().views[user]?.at(-1);
  return { id: String(view?.["id"]), text: JSON.stringify(view) };
}

function choices(over: Partial<LaterChoices> = {}): LaterChoices {
  return {
    app: "shop",
    environment: "production",
    opening: null,
    suggested: new Date(Date.now() + 15 * HOUR),
    latest: new Date(Date.now() + 168 * HOUR),
    timezone: "Europe/Brussels",
    ...over,
  };
}

function seconds(at: Date): number {
  return Math.floor(at.getTime() / 1000);
}

describe("Later…", () => {
  test("asks for a time, says in the form what is wrong with it, and says yes for it", async () => {
    await using slack = await startSlack();
    await using office = await openOffice(slack, "socket", { deps: { laterOf: async () => choices() } });
    const message = await show(slack, renderCard(asking(), context).blocks);
    await slack.click({ user: "U01ANN", action_id: ACTIONS.later, ...message });
    const view = await opened(slack, "U01ANN");
    expect(view.text).not.toContain("radio_buttons");
    for (const [at, says] of [
      [new Date(Date.now() - HOUR), "That time has passed."],
      [new Date(Date.now() + 170 * HOUR), "more than 7 days ahead"],
    ] as const) {
      const refused = await slack.submit({ user: "U01ANN", view_id: view.id, values: { [INPUTS.at]: seconds(at) } });
      expect(refused.errors[INPUTS.at]).toContain(says);
    }
    const at = new Date(Math.floor(Date.now() / 1000) * 1000 + 20 * HOUR);
    expect((await slack.submit({ user: "U01ANN", view_id: view.id, values: { [INPUTS.at]: seconds(at) } })).result).toBe("ok");
    await until(() => office.ledger.answered.size === 1);
    expect(office.ledger.carried.map(({ intent }) => intent)).toEqual([
      { kind: "approve", later: { kind: "at", at }, deployment: deploymentId(1), counter: 3, digest: expect.any(String) },
    ]);
    expect(office.reports).toEqual([]);
  });

  test("offers the next opening with its time, where there is one", async () => {
    await using slack = await startSlack();
    const opening = new Date(Date.now() + 40 * HOUR);
    await using office = await openOffice(slack, "socket", { deps: { laterOf: async () => choices({ opening }) } });
    const message = await show(slack, renderCard(asking(), context).blocks);
    await slack.click({ user: "U01ANN", action_id: ACTIONS.later, ...message });
    const view = await opened(slack, "U01ANN");
    expect(view.text).toContain("At the next opening: ");
    const unclear = await slack.submit({
      user: "U01ANN",
      view_id: view.id,
      values: { [INPUTS.at]: seconds(new Date(Date.now() + 50 * HOUR)) },
    });
    expect(unclear.errors[INPUTS.at]).toContain("Choose “At another time” above");
    expect(office.ledger.clicks.size).toBe(0);
    const kept = await slack.submit({ user: "U01ANN", view_id: view.id, values: { [INPUTS.at]: seconds(opening) } });
    expect(kept.result).toBe("ok");
    await until(() => office.ledger.carried.length === 1);
    expect(office.ledger.carried[0]?.intent).toMatchObject({ kind: "approve", later: { kind: "opening" } });

    await slack.click({ user: "U02BOB", action_id: ACTIONS.later, ...message });
    const other = await opened(slack, "U02BOB");
    const at = new Date(Math.floor(Date.now() / 1000) * 1000 + 60 * HOUR);
    await slack.submit({ user: "U02BOB", view_id: other.id, values: { [INPUTS.when]: WHEN.at, [INPUTS.at]: seconds(at) } });
    await until(() => office.ledger.carried.length === 2);
    expect(office.ledger.carried[1]?.intent).toMatchObject({ later: { kind: "at", at } });
  });

  test("whose choices cannot be read opens no form, and its presser is told", async () => {
    await using slack = await startSlack();
    await using office = await openOffice(slack, "socket", { deps: { laterOf: () => Promise.reject(new Error("no database")) } });
    const message = await show(slack, renderCard(asking(), context).blocks);
    await slack.click({ user: "U01ANN", action_id: ACTIONS.later, ...message });
    await until(() => slack.ephemerals("U01ANN").some((said) => JSON.stringify(said).includes("Nothing was done")));
    expect(office.ledger.clicks.size).toBe(0);
    expect(office.reports).toEqual(["no database"]);
  });
});

test("Later… on what is not known any more says so, and not to press again", async () => {
  await using slack = await startSlack();
  await using office = await openOffice(slack, "socket", { deps: { laterOf: async () => null } });
  const message = await show(slack, renderCard(asking(), context).blocks);
  await slack.click({ user: "U01ANN", action_id: ACTIONS.later, ...message });
  await until(() => slack.ephemerals("U01ANN").some((said) => JSON.stringify(said).includes("not known here any more")));
  expect(JSON.stringify(slack.ephemerals("U01ANN"))).not.toContain("press again");
  expect(office.reports).toEqual([]);
});

describe("the menu beside the buttons", () => {
  test("breaks the glass only with a reason; a link in it does nothing", async () => {
    await using slack = await startSlack();
    await using office = await openOffice(slack, "socket");
    const blocks = renderCard(asking({}, GLASS), context).blocks;
    const menu = blocks.flatMap((block) => (block.type === "actions" ? block.elements : [])).find((element) => element.type === "overflow");
    expect(menu?.options.map((option) => option.text.text)).toEqual(["Open the run", "Override the approval…"]);
    const message = await show(slack, blocks);
    await slack.click({ user: "U01ANN", action_id: ACTIONS.approvalMore, option: LINK_ONLY, ...message });
    await slack.click({ user: "U01ANN", action_id: ACTIONS.approvalMore, option: menu?.options[1]?.value ?? "", ...message });
    const view = await opened(slack, "U01ANN");
    const silent = await slack.submit({ user: "U01ANN", view_id: view.id, values: { [INPUTS.reason]: "  " } });
    expect(silent.errors[INPUTS.reason]).toBeDefined();
    await slack.submit({ user: "U01ANN", view_id: view.id, values: { [INPUTS.reason]: "the shop is down" } });
    await until(() => office.ledger.carried.length === 1);
    expect(office.ledger.carried[0]?.intent).toMatchObject({ kind: "override", reason: "the shop is down", deployment: deploymentId(1) });
  });

  test("has no override where nobody may", () => {
    expect(words(asking())).not.toContain("Override");
  });
});

test("a rejection is taken back from its own card, while that may be", async () => {
  await using slack = await startSlack();
  await using office = await openOffice(slack, "socket");
  const rejected = card({ state: "rejected", at: NOW, because: "a slip", by: ann, verdict: null });
  expect(labels({ ...rejected, offerable: false })).not.toContain("Offer again");
  const message = await show(slack, renderCard(rejected, context).blocks);
  await slack.click({ user: "U01ANN", action_id: ACTIONS.offerAgain, ...message });
  await until(() => office.ledger.carried.length === 1);
  expect(office.ledger.carried[0]?.intent).toMatchObject({ kind: "offer_again", deployment: deploymentId(1) });
});

describe("the card says", () => {
  const said = { actor: bea, at: minutesAgo(3) };

  test("how many yeses a press adds to, and who gave the others for whom", () => {
    const two = asking({ required: 2 });
    expect(labels(two)).toEqual(["Approve (1 of 2)", "Later…", "Reject…", "overflow"]);
    const last = { ...two, approvals: [said] };
    expect(labels(last)).toEqual(["Approve & Deploy", "Later…", "Reject…", "overflow"]);
    expect(words(last)).toContain("Bea for Farid said yes.");
  });

  test("who stands in for whom, and until when", () => {
    const approvers = { ...asking().approvers, standIns: [{ name: "Bea", for: "Farid", until: inMinutes(600) }] };
    expect(words(asking({ approvers }))).toMatch(/Bea may say yes for Farid until <!date/u);
  });

  test("that a yes was an override, and why", () => {
    const queued = { ...asking(), approvals: [{ actor: ann, at: NOW, override: "the shop is <down>" }] };
    expect(words(queued)).toContain("*Override by Ann:* The shop is &lt;down&gt;.");
  });

  test("when it starts, if somebody said yes for later", () => {
    const later = { rule: "later", text: "Ann said yes for later.", owner: "Ann", liftsAt: inMinutes(90) } as const;
    const text = words(card({ state: "queued", since: NOW, blockers: [later], recheckAt: inMinutes(90) }));
    expect(text).toMatch(/Ann said yes for later\.\* It starts at <!date/u);
    expect(text).toContain("You can still stop it.");
  });

  test.each([
    ["nobody is left", {}, {}, ["*Nobody is left who may say yes.*", "Add somebody to the approvers"]],
    [
      "why a group is nobody",
      { unreadable: ["the user group @product-owners is empty"] },
      {},
      ["The user group @product-owners is empty."],
    ],
    [
      "an author whom nobody knows",
      { unknown: ["dependabot"] },
      {},
      ["*Nobody may say yes:* nobody knows who dependabot is", "people in greenlight.yml"],
    ],
    ["the glass, where somebody may break it", {}, GLASS, ["Override the approval…"]],
  ])("%s, and what lifts it", (_what, approvers, approval, says) => {
    const asked = asking({ approvers: { ...asking().approvers, left: [], ...approvers } }, approval);
    for (const part of says) expect(words(asked)).toContain(part);
  });

  test("that too few are left, counting those who said yes already", () => {
    const approvers = { ...asking().approvers, left: ["U01ANN"] };
    expect(words(asking({ required: 3, approvals: [said], approvers }))).toContain(
      "*Too few are left who may say yes:* 1, and 2 are needed.",
    );
    expect(words(asking({ required: 2, approvals: [said], approvers }))).not.toContain("Too few");
  });
});

describe("the word that it starts soon", () => {
  const at = inMinutes(5);
  const soon: Reply = {
    key: "soon",
    kind: "note",
    ping: null,
    broadcast: false,
    mention: [],
    text: `It starts at ${at.toISOString()}, as approved.`,
    preformatted: null,
    rollBackButton: false,
    stopButton: true,
  };
  const shown = (stop: { deployment: ReturnType<typeof deploymentId>; counter: number; digest: string } | null) =>
    renderReply(soon, { groups: new Map(), rollBack: null, log: null, stop, ...context });

  test("says when in each reader's time, and stops it from the thread", async () => {
    await using slack = await startSlack();
    await using office = await openOffice(slack, "socket");
    const { blocks, text } = shown({ deployment: deploymentId(1), counter: 3, digest: "0123456789abcdef" });
    expect(JSON.stringify(blocks)).toContain(`<!date^${seconds(at)}^`);
    expect(text).toMatch(/^It starts at \d\d:\d\d CET, as approved\.$/u);
    const message = await show(slack, blocks);
    await slack.click({ user: "U01ANN", action_id: ACTIONS.cancel, ...message });
    await until(() => office.ledger.carried.length === 1);
    expect(office.ledger.carried[0]?.intent).toMatchObject({ kind: "cancel", thenRollBack: false, deployment: deploymentId(1) });
  });

  test("has no button when there is nothing to stop any more", () => {
    expect(shown(null).blocks.map((block) => block.type)).toEqual(["section"]);
  });
});

test("guests and people of other workspaces are approvers only where the environment lets them", async () => {
  await using slack = await startSlack();
  await using office = await openOffice(slack, "socket");
  const { directory } = office.slack;
  const refs = ["U01ANN", "U04GUEST", "U05STRANGER", "U06GONE", "UBOT01"].map((id) => ({ kind: "id", id }) as const);
  const none = await directory.resolve(refs);
  expect(none.ids).toEqual(["U01ANN"]);
  expect(none.unreadable.join("; ")).toMatch(/guest.*another Slack workspace.*deactivated.*bot/u);
  expect((await directory.resolve(refs, { guests: true, teams: [] })).ids).toEqual(["U01ANN", "U04GUEST"]);
  expect((await directory.resolve(refs, { guests: true, teams: ["T99OTHER"] })).ids).toEqual(["U01ANN", "U04GUEST", "U05STRANGER"]);
  expect((await directory.resolve(refs, { guests: false, teams: ["T99OTHER"] })).ids).toEqual(["U01ANN", "U05STRANGER"]);
  expect(none.away).toBe(false);
});

test("people of a listed workspace count only while they share a channel with the bot", async () => {
  await using slack = await startSlack();
  await using office = await openOffice(slack, "socket");
  const { directory } = office.slack;
  const refs = [{ kind: "id", id: "U05STRANGER" } as const];
  const listed = { guests: false, teams: ["T99OTHER"] };
  expect(await directory.resolve(refs, listed)).toMatchObject({ ids: ["U05STRANGER"], unreadable: [] });
  await slack.change({ channel: { id: "C05SHARED", members: ["U01ANN", "U05STRANGER"] } });
  await using later = await openOffice(slack, "socket");
  const alone = await later.slack.directory.resolve(refs, { ...listed, guests: true });
  expect(alone).toMatchObject({ ids: [], unreadable: [expect.stringMatching(/shares no channel with Greenlight/u)] });
});

test("a group that Slack names as gone is nobody; a Slack that does not answer is told apart", async () => {
  await using slack = await startSlack();
  await using office = await openOffice(slack, "socket");
  const { directory } = office.slack;
  const refs = [{ kind: "group", handle: "@product-owners" } as const];
  slack.fault({ method: "usergroups.list", error: "plan_upgrade_required", times: 1 });
  expect(await directory.resolve(refs)).toMatchObject({ ids: [], away: false, unreadable: [expect.stringContaining("no user groups")] });
  slack.fault({ method: "usergroups.list", status: 503, times: 100 });
  expect(await directory.resolve(refs)).toMatchObject({ ids: [], away: true });
});
