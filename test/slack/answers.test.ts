import { describe, expect, test } from "vitest";
import { checkBlocks } from "../../sandbox/slack/block-kit/validate.ts";
import { LIMITS } from "../../src/slack/limits.ts";
import { renderAnswer } from "../../src/slack/render/answer.ts";
import type { Rendered } from "../../src/slack/render/drawing.ts";
import { NOW } from "./shop.ts";
import { CALLS, HIDES, HOSTILE } from "./hostile.ts";
import { CALM, diff, everyAnswer, help, history, LONG, queue, type Said, type Shown, why } from "./sayings.ts";

function rendered(answer: Shown): Rendered {
  return renderAnswer(answer, { now: NOW });
}

/** What stands in its sections. */
function words({ blocks }: Rendered): string {
  return blocks.map((block) => (block.type === "section" ? (block.text?.text ?? "") : "")).join("\n");
}

/** As somebody in UTC would read it. */
function read(answer: Shown): string {
  return words(rendered(answer)).replace(/<!date\^\d+\^[^|>]*\|([^>]*)>/gu, "$1");
}

describe("an answer reads as a colleague would say it", () => {
  test("history: how it ended, what it was, who wanted it, when, and what took it back", () => {
    expect(read(history(CALM)).split("\n")).toEqual([
      "*shop in production*:",
      ":large_green_circle: *#812* is watched, live in 1 min 58 s: Pay with Bancontact, `9f3c2ab`. Asked for by Bob, approved by Ann, 08:15 UTC.",
      ":white_check_mark: *#811* was healthy, live in 1 min 58 s: rollback of #810 to Pay with Bancontact, `9f3c2ab`. Asked for by Bob, approved by Ann, 08:14 UTC.",
      ":red_circle: *#810* regressed, live in 1 min 58 s: Pay with Bancontact, `9f3c2ab`. Asked for by Bob, approved by Ann, 08:13 UTC. Because: feat(pay): pay with Bancontact (#412).",
      "   :arrows_counterclockwise: rolled back by Eve with #811",
    ]);
  });

  test("diff: what is live, what would come, whose it is, and what is newer still", () => {
    expect(read(diff(CALM)).split("\n")).toEqual([
      "*shop to production*: live is `4c1e77d` Faster product search, since Mon 23 Nov 09:55 UTC. The newest that may go there is `9f3c2ab` Pay with Bancontact.",
      "*2 changes* by Bob:",
      "• <https://git.acme.test/shop|Pay with Bancontact>, Bob",
      "• <https://git.acme.test/shop|Pay with Bancontact>, Bob",
      "<https://git.acme.test/shop|Compare>",
      ":hourglass_flowing_sand: Newer, but it may not go there yet: `71d0e2c` Pay with Bancontact. Ann holds it: the sale is on.",
    ]);
  });

  test("why: one line a reason with its owner, its end and what lifts it", () => {
    expect(read(why(CALM)).split("\n").slice(0, 5)).toEqual([
      "*The newest version of shop* on main is `9f3c2ab` Pay with Bancontact.",
      ":double_vertical_bar: *Production*: not yet, because",
      "• Ann holds it: the sale is on. Until 10:15 UTC. They type `/deploy unlock shop production`.",
      "   `4c1e77d` Pay with Bancontact may go there now: type `/deploy shop production`.",
      ":large_green_circle: *Production*: nothing stands in its way. Type `/deploy shop production`.",
    ]);
  });

  test("queue: what runs, whose turn it is, when it starts and what it waits for", () => {
    expect(read(queue(CALM)).split("\n")).toEqual([
      "*shop to production*",
      ":hourglass_flowing_sand: *#812* `9f3c2ab` Pay with Bancontact is deploying, 1 min of about 2 min.",
      ":double_vertical_bar: *#813* `9f3c2ab` Pay with Bancontact waits, next, since 09:10 UTC, asked for by Bob. It starts at about 09:16 UTC.",
      "   • Ann holds it: the sale is on. Until 10:15 UTC. They type `/deploy unlock shop production`.",
      ":double_vertical_bar: *#814* `9f3c2ab` Pay with Bancontact waits for a yes, since 09:10 UTC, asked for by Bob. It can be approved until Wed 25 Nov 09:15 UTC.",
      "   • Ann holds it: the sale is on. Until 10:15 UTC. They type `/deploy unlock shop production`.",
    ]);
  });

  test("help: one screen with names that exist, and more of one word", () => {
    const all = read(help(CALM, null));
    expect(all.split("\n").length).toBeLessThanOrEqual(32);
    for (const line of [
      "`/deploy shop production`",
      "`/deploy why shop production`",
      "`/deploy looks-good shop production`",
      "buttons on the card",
    ])
      expect(all).toContain(line);
    expect(read(help(CALM, "lock"))).toContain("`/deploy lock APP ENVIRONMENT [REASON] [for 2h]`");
    expect(read(help(CALM, "lock"))).toContain("until fri");
  });

  test("nothing to say is said", () => {
    expect(read({ kind: "queue", app: "shop", environments: [], now: NOW })).toBe("Nothing runs and nothing waits of shop.");
    expect(read({ ...why(CALM), newest: null })).toContain("Nothing is known of shop yet");
    expect(read({ ...history(CALM), environments: [{ environment: "staging", entries: [], more: false }] })).toBe(
      "*shop in staging*: nothing was deployed yet.",
    );
  });
});

test.each<[string, Said]>([
  ["as much as there can be, with the longest names", LONG],
  ["one of each", CALM],
  ...HOSTILE.map((title, index): [string, Said] => [
    `hostile set ${index}`,
    { name: HOSTILE[(index + 1) % HOSTILE.length] ?? "x", title, url: "javascript:alert(1)|>", many: 3 },
  ]),
])("%s is never refused by Slack, calls nobody and hides nothing", (_name, said) => {
  for (const answer of everyAnswer(said)) {
    const { blocks, text } = rendered(answer);
    expect([answer.kind, checkBlocks(blocks, "message", "/blocks")]).toEqual([answer.kind, []]);
    expect(blocks.length).toBeLessThanOrEqual(LIMITS.blocks);
    expect(text.length).toBeLessThanOrEqual(LIMITS.messageText);
    expect(text.trim()).not.toBe("");
    expect(`${text}${words({ blocks, text })}`).not.toMatch(CALLS);
    expect(JSON.stringify({ blocks, text })).not.toMatch(HIDES);
    expect(JSON.stringify({ blocks, text })).not.toContain("<javascript:");
  }
});
