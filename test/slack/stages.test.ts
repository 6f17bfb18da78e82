import { expect, test } from "vitest";
import { renderCard } from "../../src/slack/render/card.ts";
import { NOW, runCard } from "./cards.ts";

const context = { now: NOW, timezone: "UTC" };

test.each([
  ["all, when nothing is said", undefined, "passed", ["Build", "Unit", "Integration tests"], []],
  ["those that the configuration names", ["unit"], "passed", ["Unit"], ["Build", "Integration tests"]],
  ["and whichever fails", ["unit"], "failed", ["Unit", "Integration tests"], ["Build"]],
] as const)("a run's card lists its stages: %s", (_what, listed, status, seen, unseen) => {
  const { blocks } = renderCard({ ...runCard(undefined, status), ...(listed === undefined ? {} : { listed }) }, context);
  const drawn = JSON.stringify(blocks);
  for (const name of seen) expect(drawn).toContain(`*${name}*`);
  for (const name of unseen) expect(drawn).not.toContain(`*${name}*`);
});
