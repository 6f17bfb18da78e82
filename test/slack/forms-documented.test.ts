import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { FORMS, usageOf } from "../../src/slack/grammar/forms.ts";

test("every word of the command is documented as it is taken", () => {
  const page = readFileSync(new URL("../../docs/slack.md", import.meta.url), "utf8");
  expect(FORMS.map(usageOf).filter((usage) => !page.includes(`\`${usage}\``))).toEqual([]);
});
