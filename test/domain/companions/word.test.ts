import { describe, expect, test } from "vitest";
import type { Command } from "../../../src/domain/environment.ts";
import { wordsFor } from "../../../src/domain/validation.ts";
import { APPROVAL, MINUTE, modelOf, offered, PETRA, sha } from "../model.ts";
import { AFTER, environmentOf, themes, world, passes, comes, live, wordAt, record } from "./shop-with-theme.ts";

describe("a word on staging", () => {
  const looked = { kind: "validate", standing: PETRA } as const satisfies Command;
  test("given once more is recorded where something else came with it meanwhile, and only then", () => {
    const model = world();
    live(model, 1);
    model.pass(MINUTE);
    model.must(looked);
    model.pass(MINUTE);
    expect(model.must(looked).changes).toEqual([]);
    passes(model, 2);
    live(model, 1);
    model.pass(MINUTE);
    expect(model.must(looked).changes).toMatchObject([{ kind: "validate", validation: { at: model.now } }]);
    expect(model.must(looked).changes).toEqual([]);
  });

  test("counts for what ran there when it was given, also once that is back", () => {
    const words = [wordAt(4)];
    const [first, second, third] = [record(1, themes(1), 1), record(1, themes(2), 5), record(1, themes(1), 9)];
    const other = record(2, themes(2), 3);
    expect(wordsFor(words, sha(1), [other, first])).toEqual(words);
    expect(wordsFor(words, sha(1), [second, other, first])).toEqual([]);
    expect(wordsFor(words, sha(1), [third, second, first])).toEqual(words);
    expect(wordsFor(words, sha(1), [second])).toEqual([]);
    expect(wordsFor(words, sha(1), [record(1, [], 5)])).toEqual(words);
    expect(wordsFor(words, sha(1), null)).toEqual(words);
    expect(wordsFor(words, sha(2), [first])).toEqual([]);
  });

  test("on other companions keeps nothing from being replaced", () => {
    for (const [seen, state] of [
      [2, "awaiting_approval"],
      [1, "superseded"],
    ] as const) {
      const after = [record(1, themes(1), 1), record(1, themes(2), 5), record(2, themes(2), 6)];
      const word = wordAt(seen === 2 ? 7 : 4);
      const model = modelOf(environmentOf([AFTER, "needs: validation", APPROVAL]), { after, validations: [word] });
      const command = offered(1, comes(model, 1));
      model.must(command);
      model.must(offered(2, comes(model, 2)));
      expect(model.state(command.id)).toBe(state);
    }
  });
});
