import { describe, expect, test } from "vitest";
import { checkBlocks } from "../../sandbox/slack/block-kit/validate.ts";
import { LIMITS } from "../../src/slack/limits.ts";
import { renderCard, renderPlain } from "../../src/slack/render/card.ts";
import { context, everyCard } from "./cards.ts";
import { CALLS, HIDES, HOSTILE, hostile } from "./hostile.ts";
import { story } from "./story.ts";

describe("a card in every state", () => {
  for (const [name, model] of Object.entries(everyCard())) {
    test(`${name} reads as designed`, () => {
      expect(story(renderCard(model, context))).toMatchSnapshot();
    });

    test(`${name} is five slots that Slack takes, with short titles and buttons`, () => {
      const { blocks, text } = renderCard(model, context);
      expect(checkBlocks(blocks, "message", "/blocks")).toEqual([]);
      expect(blocks[0]?.type).toBe("header");
      expect(blocks[1]?.type).toBe("section");
      const [head] = blocks;
      expect(head?.type === "header" ? head.text.text.length : 999).toBeLessThanOrEqual(LIMITS.title);
      const elements = blocks.flatMap((block) => (block.type === "actions" ? block.elements : []));
      const labels = elements.flatMap((element) => (element.type === "button" ? [element.text.text] : []));
      expect(labels.filter((label) => label.length > LIMITS.buttonLabel)).toEqual([]);
      expect(text.length).toBeLessThanOrEqual(LIMITS.text);
      expect(text.slice(0, LIMITS.notification)).toContain("shop");
    });
  }

  test("the notification of an approval holds app, count, safety and deadline", () => {
    const approval = everyCard()["approval"];
    if (approval === undefined) throw new Error("no approval card");
    expect(renderCard(approval, context).text.slice(0, LIMITS.notification)).toBe(
      "Approval needed: shop to production. 3 changes, safe to undo: yes, until Wed 25 Nov 10:15 CET. One yes from @product-owners is needed. Changes: Pay wi",
    );
  });
});

describe("hostile words", () => {
  for (const [index] of HOSTILE.entries()) {
    test(`set ${index} is never refused, calls nobody and hides nothing`, () => {
      for (const model of Object.values(everyCard(hostile(index)))) {
        const rendered = renderCard(model, context);
        expect(checkBlocks(rendered.blocks, "message", "/blocks")).toEqual([]);
        expect(rendered.text.length).toBeLessThanOrEqual(LIMITS.text);
        expect(rendered.text).not.toMatch(CALLS);
        const marked = JSON.stringify(rendered.blocks.filter((block) => block.type === "section" || block.type === "context"));
        expect(marked).not.toMatch(CALLS);
        expect(JSON.stringify(rendered)).not.toMatch(HIDES);
        expect(JSON.stringify(rendered)).not.toContain("javascript:");
        expect(checkBlocks(renderPlain(model, context).blocks, "message", "/blocks")).toEqual([]);
      }
    });
  }
});
