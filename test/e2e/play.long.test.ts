import { expect, test } from "vitest";
import { DEADLINE_MS, HELD, play } from "./play.ts";

const BROKEN: Readonly<Record<string, { readonly sabotage: string; readonly names: string }>> = {
  "a server that restarts with the old version": { sabotage: "wrong-revision-after-restart", names: "both servers run" },
  "a Sentry that hears nothing": { sabotage: "sentry-silent", names: "the card says that it is healthy" },
  "a server that is down": { sabotage: "host-2-down", names: "web-1 is at work" },
  "a migration that fails": { sabotage: "migrate-exit-1", names: "both servers run" },
};
/** What is independent of each other shares a run. */
const HOLDS: Readonly<Record<string, readonly string[]>> = {
  "the bot being killed in the middle": [],
  "a storm of 429 from Slack": ["--sabotage", "slack-429-storm"],
  "each webhook coming twice, with Slack over HTTP": ["--sabotage", "double-webhook", "--http"],
};
/** All of them wait for their turn in `play`. */
const timeout = DEADLINE_MS * (Object.keys(BROKEN).length + Object.keys(HOLDS).length);

test.concurrent.for(Object.entries(HOLDS))("the story holds in spite of %s", { timeout }, async ([, options]) => {
  expect(await play(...options)).toEqual(HELD);
});

test.concurrent.for(Object.entries(BROKEN))("the story does not hold with %s, and names what broke", { timeout }, async ([, one]) => {
  expect(await play("--sabotage", one.sabotage)).toEqual({ code: 1, output: expect.stringContaining(`Broken: ${one.names}`) });
});
