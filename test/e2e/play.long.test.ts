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

/** What must be named when the world is broken in this way. */
test.each([
  { sabotage: "wrong-revision-after-restart", names: "both servers run" },
  { sabotage: "sentry-silent", names: "the card says that it is healthy" },
  { sabotage: "host-2-down", names: "web-1 is at work" },
  { sabotage: "migrate-exit-1", names: "both servers run" },
])("the story does not hold with $sabotage, and names what broke", async ({ sabotage, names }) => {
  expect(await play("--sabotage", sabotage)).toEqual({ code: 1, output: expect.stringContaining(`Broken: ${names}`) });
});
