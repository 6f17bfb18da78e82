import { describe, expect, test } from "vitest";
import { LIMITS } from "../../src/slack/limits.ts";
import { renderCard } from "../../src/slack/render/card.ts";
import { context } from "./shop.ts";
import { everyCard } from "./cards.ts";
import { HOSTILE, hostile } from "./hostile.ts";

/** What no ear should hear: values of a program, its faults, and marks that only a screen draws. */
const RAW = /undefined|\bnull\b|NaN|\[object|\bat [\w.]+ \(|Traceback|ECONN|:[a-z_]+:|<!date|\*/u;

describe("what is read aloud", () => {
  for (const [name, model] of Object.entries(everyCard())) {
    const { text, blocks } = renderCard(model, context);
    const head = blocks[0]?.type === "header" ? blocks[0].text.text : "";
    const heard = text.slice(0, LIMITS.notification);

    test(`${name} begins with its state, the app and the place, and tells the fact within a notification`, () => {
      expect(text.startsWith(`${head}. `)).toBe(true);
      expect(head).toMatch(/^[A-Z].+: shop/u);
      expect(head).toContain("shop");
      const hasPlace = model.kind === "deployment" || model.validation?.due === true;
      expect(!hasPlace || / (?:to|in) (?:production|staging)$/u.test(head)).toBe(true);
      const fact = text.slice(head.length + 2);
      const [first = ""] = fact.split(/(?<=[.!?]) /u);
      expect(first.length).toBeGreaterThan(0);
      expect(heard.length - head.length).toBeGreaterThan(40);
      expect(text).not.toMatch(RAW);
    });
  }

  test.each(["approval", "approval_of_migrations", "approval_of_two", "approval_validated"])(
    "%s says how many changes, whether it is safe to undo and until when",
    (name) => {
      const model = everyCard()[name];
      if (model === undefined) throw new Error(`no card ${name}`);
      expect(renderCard(model, context).text.slice(0, LIMITS.notification)).toMatch(
        /^Approval needed: shop to production\. 3 changes, safe to undo: (?:yes|code only|no|not known), until .+ CET\./u,
      );
    },
  );

  test.each(HOSTILE.map((_, index) => index))("foreign words of set %i are escaped", (index) => {
    for (const model of Object.values(everyCard(hostile(index)))) {
      expect(renderCard(model, context).text).not.toMatch(/[<>]|&(?!amp;|lt;|gt;)/u);
    }
  });
});
