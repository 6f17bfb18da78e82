import { describe, expect, test } from "vitest";
import { checkBlocks, checkView } from "../../sandbox/slack/block-kit/validate.ts";
import { renderAnswer } from "../../src/slack/render/answer.ts";
import { renderCard, renderPlain } from "../../src/slack/render/card.ts";
import { renderDeployView, renderLoadingView } from "../../src/slack/render/deploy-view.ts";
import { renderHoldView } from "../../src/slack/render/hold-view.ts";
import { renderHome } from "../../src/slack/render/home.ts";
import { renderLaterView } from "../../src/slack/render/later-view.ts";
import { type ReasonKind, renderReasonView } from "../../src/slack/render/reason-view.ts";
import { renderRollBackView, renderRollBackWait } from "../../src/slack/render/roll-back-view.ts";
import { renderReply } from "../../src/slack/render/reply.ts";
import { LIMITS } from "../../src/slack/limits.ts";
import { mutationsOf } from "../slack-simulator/mutations.ts";
import type { Surface } from "../slack-simulator/spec.ts";
import { context, deploymentId, NOW, sha } from "./shop.ts";
import { everyCard } from "./cards.ts";
import { home, homeAtItsWorst } from "./homes.ts";
import { choices, offer } from "./office.ts";
import { CALM, everyAnswer, LONG } from "./sayings.ts";
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
  return {
    ...Object.fromEntries(cards.map(([name, model]) => [name, { surface: "message", document: renderCard(model, context).blocks }])),
    reply: {
      surface: "message",
      document: renderReply(reply, { groups: new Map(), rollBack: { pressed, ...words }, log: pressed, stop: pressed, ...context }).blocks,
    },
    ...answers(),
    ...forms(),
    home: { surface: "home", document: renderHome(home(), { ...context, linkOf: () => "https://acme.slack.test/1" }) },
    "home, at its worst": { surface: "home", document: renderHome(homeAtItsWorst(), { ...context, linkOf: () => LONGEST.url }) },
  };
}

/** What is refused, with the way to ask for more, and every question's answer, short and long. */
function answers(): Readonly<Record<string, Shown>> {
  const refusal = { title: LONGEST.title, reasons: [reason], who: LONGEST.title, change: LONGEST.title };
  const askUnlock = { app: "shop", environment: "production" };
  const refused = [refusal, { ...refusal, askUnlock }].map((one) => ({ kind: "refused" as const, refusal: one }));
  const said = [...refused, ...everyAnswer(CALM), ...everyAnswer(LONG)];
  return Object.fromEntries(
    said.map((answer, index) => [`${answer.kind} ${index}`, { surface: "message", document: renderAnswer(answer, context).blocks }]),
  );
}

/** Each kind: a new one does not compile without a place here. */
const REASONS: Readonly<Record<ReasonKind, true>> = {
  reject: true,
  not_yet: true,
  override: true,
  allow_again: true,
  mark_live: true,
  mark_earlier: true,
  roll_back_from_attention: true,
  stays_broken: true,
};

function isReason(kind: string): kind is ReasonKind {
  return kind in REASONS;
}

function forms(): Readonly<Record<string, Shown>> {
  const data = JSON.stringify({ value: "x" });
  const preview = everyCardAtItsWorst()["approval"] ?? null;
  const long = { ...choices, preview, warnings: Array.from({ length: 20 }, () => reason), effect: LONGEST.title };
  const later = { app: LONGEST.name, environment: "production", opening: NOW, suggested: NOW, latest: NOW, timezone: "Europe/Brussels" };
  const ways = Array.from({ length: 200 }, (_, index) => ({ revision: sha(`${index}a`), title: LONGEST.title, healthySince: NOW }));
  const views = {
    "deploy view": renderDeployView(long, { data, context, card: LONGEST.url }),
    "deploy view, many apps": renderDeployView({ ...long, apps: Array.from({ length: 300 }, (_, at) => `app${at}`) }, { data, context }),
    "deploy view, refused": renderDeployView({ ...long, doing: "refused" }, { data, context }),
    "deploy view, loading": renderLoadingView(data),
    "lock view": renderHoldView("lock", { app: LONGEST.name, environment: LONGEST.name }, data),
    "freeze view": renderHoldView("freeze", { app: LONGEST.name, environment: LONGEST.name }, data),
    "later view": renderLaterView(later, { data, now: NOW }),
    "later view, always open": renderLaterView({ ...later, opening: null }, { data, now: NOW }),
    "roll back view": renderRollBackView(offer, { data, to: null }),
    "roll back view, long": renderRollBackView({ ...offer, app: LONGEST.name, ways, running: true }, { data, to: "f00" }),
    "roll back view, refused": renderRollBackView(
      { ...offer, against: { because: LONGEST.title, change: LONGEST.title } },
      { data, to: null },
    ),
    "roll back view, loading": renderRollBackWait(data),
    ...Object.fromEntries(
      Object.keys(REASONS)
        .filter(isReason)
        .map((kind) => [`${kind} view`, renderReasonView(kind, { data, more: LONGEST.title })]),
    ),
  };
  return Object.fromEntries(Object.entries(views).map(([name, document]) => [name, { surface: "modal", document }]));
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
