import { expect, test } from "vitest";
import { HELD, play } from "./play.ts";

/** What is independent of each other shares a run. */
test.each([
  ["the bot being killed in the middle", []],
  ["a storm of 429 from Slack", ["--sabotage", "slack-429-storm"]],
  ["each webhook coming twice, with Slack over HTTP", ["--sabotage", "double-webhook", "--http"]],
])("the story holds in spite of %s", async (_name, options) => {
  expect(await play(...options)).toEqual(HELD);
});
