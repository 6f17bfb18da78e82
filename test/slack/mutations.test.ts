import { describe, expect, test } from "vitest";
import { checkBlocks, checkView } from "../../sandbox/slack/block-kit/validate.ts";
import { renderAnswer } from "../../src/slack/render/answer.ts";
import { renderCard, renderPlain } from "../../src/slack/render/card.ts";
import { renderDeployView } from "../../src/slack/render/deploy-view.ts";
import { renderHome } from "../../src/slack/render/home.ts";
import { renderLockView } from "../../src/slack/render/lock-view.ts";
import { renderReasonView } from "../../src/slack/render/reason-view.ts";
import { renderReply } from "../../src/slack/render/reply.ts";
import { LIMITS } from "../../src/slack/limits.ts";
import { mutationsOf } from "../slack-simulator/mutations.ts";
import type { Surface } from "../slack-simulator/spec.ts";
import { context, deploymentId, everyCard, NOW } from "./cards.ts";
import { home, homeAtItsWorst } from "./homes.ts";
import { choices } from "./office.ts";
import { calm } from "./wall.ts";
import { everyCardAtItsWorst, LONGEST } from "./worst.ts";

/** All that the bot shows, changed in one place so that it crosses a limit of Slack: the simulator's validator must refuse it. */
const REFUSED = 0.95;

type Shown = { readonly surface: Surface; readonly document: unknown };

function faults({ surface, document }: Shown): readonly { readonly message: string; readonly pointer: string }[] {
  return surface === "message" ? checkBlocks(document, surface, "/blocks") : checkView(document, surface);
}

const pressed = { deployment: deploymentId(1), counter: 1, digest: "0123456789abcdef" };
const reason = { rule: "lock" as const, text: LONGEST.title, owner: LONGEST.name, liftsAt: NOW };

function everythingShown(): Readonly<Record<string, Shown>> {
  const cards = Object.entries({ ...everyCard(), ...suffixed(everyCardAtItsWorst()) });
  const reply = {
    ...calm,
    kind: "ping" as const,
    mention: ["U01ANN"],
    text: LONGEST.title,
    preformatted: LONGEST.title,
    rollBackButton: true,
    logButton: true,
  };
  const words = { app: "shop", environment: "production", revision: "4c1e77d" };
  const answer = {
    kind: "refused" as const,
    refusal: { title: LONGEST.title, reasons: [reason], who: LONGEST.title, change: LONGEST.title },
  };
  const data = JSON.stringify({ value: "x" });
  const preview = everyCardAtItsWorst()["approval"] ?? null;
  return {
    ...Object.fromEntries(cards.map(([name, model]) => [name, { surface: "message", document: renderCard(model, context).blocks }])),
    reply: {
      surface: "message",
      document: renderReply(reply, { groups: new Map(), rollBack: { pressed, ...words }, log: pressed, ...context }).blocks,
    },
    answer: { surface: "message", document: renderAnswer(answer, context).blocks },
    "deploy view": {
      surface: "modal",
      document: renderDeployView({ ...choices, preview, warnings: [reason] }, { data, context }),
    },
    home: { surface: "home", document: renderHome(home(), { ...context, linkOf: () => "https://acme.slack.test/1" }) },
    "home, at its worst": { surface: "home", document: renderHome(homeAtItsWorst(), { ...context, linkOf: () => LONGEST.url }) },
    "lock view": { surface: "modal", document: renderLockView({ app: "shop", environment: "production" }, data) },
    "reason view": { surface: "modal", document: renderReasonView("reject", { data, more: LONGEST.title }) },
  };
}

function suffixed<Value>(record: Readonly<Record<string, Value>>): Readonly<Record<string, Value>> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [`${name}, at its worst`, value]));
}

describe("at its worst, with 500 commits, 64 servers and the longest names,", () => {
  test.each(Object.entries(everyCardAtItsWorst()))("%s is what Slack takes, and a phone can show", (_name, model) => {
    const { blocks, text } = renderCard(model, context);
    expect(checkBlocks(blocks, "message", "/blocks")).toEqual([]);
    expect(checkBlocks(renderPlain(model, context).blocks, "message", "/blocks")).toEqual([]);
    expect(text.length).toBeLessThanOrEqual(LIMITS.text);
    expect(JSON.stringify(blocks).length).toBeLessThan(20_000);
  });
});

test("a single change that crosses a limit is refused, whatever is shown", () => {
  const shown = everythingShown();
  const survivors: string[] = [];
  const kinds = new Map<string, number>();
  let all = 0;
  for (const [name, { surface, document }] of Object.entries(shown)) {
    expect([name, faults({ surface, document })]).toEqual([name, []]);
    for (const mutation of mutationsOf(document, surface)) {
      all += 1;
      kinds.set(mutation.kind, (kinds.get(mutation.kind) ?? 0) + 1);
      if (faults({ surface, document: mutation.document }).length === 0) survivors.push(`${name} ${mutation.pointer}: ${mutation.kind}`);
    }
  }
  const ratio = (all - survivors.length) / all;
  console.log(
    `${all - survivors.length} of ${all} mutations of ${Object.keys(shown).length} things shown are refused, of ${kinds.size} kinds: ${(ratio * 100).toFixed(2)} %`,
  );
  expect(all).toBeGreaterThan(5_000);
  expect(ratio).toBeGreaterThanOrEqual(REFUSED);
  expect(survivors).toEqual([]);
});
