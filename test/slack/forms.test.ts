import { expect, test } from "vitest";
import { checkOptions } from "../../sandbox/slack/block-kit/options.ts";
import { checkBlocks, checkView } from "../../sandbox/slack/block-kit/validate.ts";
import type { Answer, StatusHost } from "../../src/domain/intent.ts";
import { renderAnswer } from "../../src/slack/render/answer.ts";
import { renderDeployView, renderLoadingView } from "../../src/slack/render/deploy-view.ts";
import { renderRefOptions } from "../../src/slack/render/ref-options.ts";
import { renderRollBackView } from "../../src/slack/render/roll-back-view.ts";
import { renderHome } from "../../src/slack/render/home.ts";
import { renderReasonView } from "../../src/slack/render/reason-view.ts";
import { renderReply } from "../../src/slack/render/reply.ts";
import { context, deploymentId, NOW } from "./shop.ts";
import { everyCard } from "./cards.ts";
import { homeAtItsWorst } from "./homes.ts";
import { CALLS, HIDES, HOSTILE, hostile } from "./hostile.ts";
import { choices, offer } from "./office.ts";
import { calm } from "./wall.ts";

function answers(bad: string): readonly Parameters<typeof renderAnswer>[0][] {
  const row = {
    app: bad,
    environment: bad,
    live: { revision: bad, since: NOW, title: bad, source: "ours" as const },
    mixed: true,
    current: { number: 1, state: "executing", revision: bad, title: bad },
    lock: { owner: bad, reason: bad, until: NOW },
    freeze: { owner: bad, reason: bad, until: NOW },
    hosts: [
      { host: bad, recorded: bad, said: { kind: "runs" as const, revision: "9f3c2ab" } },
      { host: bad, recorded: null, said: { kind: "silent" as const, because: bad } },
      { host: bad, recorded: bad, said: { kind: "nothing" as const } },
    ],
  };
  const reason = { rule: "lock" as const, text: bad, owner: bad, liftsAt: NOW };
  return [
    { kind: "done", text: bad },
    { kind: "refused", refusal: { title: bad, reasons: Array.from({ length: 30 }, () => reason), who: bad, change: bad } },
    {
      kind: "refused",
      refusal: {
        title: bad,
        reasons: Array.from({ length: 200 }, () => reason),
        who: bad,
        change: bad,
        askUnlock: { app: "shop", environment: "production" },
      },
    },
    { kind: "help", command: bad, apps: Array.from({ length: 40 }, () => bad) },
    { kind: "status", rows: Array.from({ length: 60 }, () => row), now: NOW },
    { kind: "status", rows: [], now: NOW },
  ];
}

test.each(HOSTILE.map((bad, index) => [index, bad] as const))(
  "answers and thread messages with hostile words %i are taken and call nobody",
  (_, bad) => {
    const pressed = { deployment: deploymentId(1), counter: 1, digest: "0123456789abcdef" };
    const reply = { ...calm, kind: "ping" as const, mention: [bad], text: bad, preformatted: bad, rollBackButton: true, logButton: true };
    const rendered = [
      ...answers(bad).map((answer) => renderAnswer(answer, context)),
      renderReply(reply, { groups: new Map(), rollBack: { pressed, app: bad, environment: bad, revision: bad }, log: pressed, ...context }),
    ];
    for (const { text, blocks } of rendered) {
      expect(checkBlocks(blocks, "message", "/blocks")).toEqual([]);
      expect(text.length).toBeGreaterThan(0);
      expect(text.length).toBeLessThanOrEqual(4000);
      expect(JSON.stringify([text, blocks.filter((block) => block.type === "section")])).not.toMatch(CALLS);
      expect(JSON.stringify([text, blocks])).not.toMatch(HIDES);
    }
  },
);

test.each(HOSTILE.map((bad, index) => [index, bad] as const))("forms and the Home tab with hostile words %i are taken", (index, bad) => {
  const data = JSON.stringify({ value: "x" });
  const wild = {
    ...choices,
    chosen: { value: bad.slice(0, 150) || "x", name: bad, note: bad },
    preview: everyCard(hostile(index))["approval"] ?? null,
    warnings: [{ rule: "lock" as const, text: bad, owner: bad, liftsAt: NOW }],
    effect: bad,
  };
  const found = { value: "refs/heads/x", name: bad, note: bad };
  const options = renderRefOptions({ candidates: [found], branches: [found], tags: [{ ...found, value: bad }], commits: [], away: true });
  expect(checkOptions({ ...options })).toEqual([]);
  const views = [
    renderDeployView(wild, { data, context }),
    renderDeployView({ ...choices, apps: Array.from({ length: 300 }, (__, at) => `app${at}`), app: "app7" }, { data, context }),
    renderDeployView({ ...wild, doing: "refused", chosen: null }, { data, context }),
    renderRollBackView(
      { ...offer, app: bad, environment: bad, ways: offer.ways.map((way) => ({ ...way, title: bad })) },
      { data, to: bad },
    ),
    renderRollBackView({ ...offer, against: { because: bad, change: bad } }, { data, to: null }),
    renderLoadingView(data),
    ...(["reject", "allow_again", "mark_live", "mark_earlier", "roll_back_from_attention", "stays_broken"] as const).map((kind) =>
      renderReasonView(kind, { data, more: null }),
    ),
  ];
  for (const view of views) expect(checkView(view, "modal")).toEqual([]);
  const home = renderHome(homeAtItsWorst(hostile(index)), { ...context, linkOf: () => hostile(index).url });
  expect(checkView(home, "home")).toEqual([]);
  // Only this is read for names; what is on buttons and in titles is shown as it is.
  const said = home.blocks.flatMap((block) => (block.type === "section" && "text" in block ? [block.text?.text ?? ""] : [])).join("\n");
  expect([CALLS.exec(said)?.[0], HIDES.exec(said)?.[0]]).toEqual([undefined, undefined]);
});

test("a refusal of one reason reads as designed", () => {
  const answer: Answer = {
    kind: "refused",
    refusal: {
      title: "Not deployed: you may not approve this, Eve.",
      reasons: [{ rule: "approval", text: "production of shop needs a yes from @product-owners", owner: null, liftsAt: null }],
      who: "Ann or Farid. Both were asked at 09:14.",
      change: "a workspace admin can add you to the group",
    },
  };
  expect(renderAnswer(answer, context).text).toBe(
    "Not deployed: you may not approve this, Eve. Nothing has changed. Why: Production of shop needs a yes from @product-owners. Who can: Ann or Farid. Both were asked at 09:14. To change it: A workspace admin can add you to the group.",
  );
});

test("the status of an app says what its servers say: the same, something else, or nothing", () => {
  const live = { revision: "9f3c2ab", since: NOW, title: null, source: "ours" as const };
  const row = { app: "shop", environment: "production", live, mixed: false, current: null, lock: null, freeze: null };
  const same = host("web-1", { kind: "runs", revision: "9f3c2ab" });
  const said = (...hosts: readonly StatusHost[]): string =>
    renderAnswer({ kind: "status", rows: [{ ...row, hosts }], now: NOW }, context).text.replace(/^.*? UTC\. ?/u, "");
  expect(said()).toBe("");
  expect(said(same, { ...same, host: "web-2" })).toBe("All 2 servers say the same");
  expect(said(same, host("web-2", { kind: "runs", revision: "4c1e77d" }))).toBe("Drift: web-2 runs 4c1e77d, recorded is 9f3c2ab");
  expect(said(same, host("web-2", { kind: "silent", because: "no answer within 5 s" }), host("web-3", { kind: "nothing" }))).toBe(
    "web-3 says nothing of a version No answer from web-2 (no answer within 5 s)",
  );
});

function host(name: string, said: StatusHost["said"]): StatusHost {
  return { host: name, recorded: "9f3c2ab", said };
}
