import { expect, test } from "vitest";
import { play } from "./play.ts";

/** What must be named when the world is broken in this way. */
test.each([
  { sabotage: "wrong-revision-after-restart", names: "both servers run" },
  { sabotage: "sentry-silent", names: "the card says that it is healthy" },
  { sabotage: "host-2-down", names: "web-1 is at work" },
  { sabotage: "migrate-exit-1", names: "both servers run" },
])("the story does not hold with $sabotage, and names what broke", async ({ sabotage, names }) => {
  expect(await play("--sabotage", sabotage)).toEqual({ code: 1, output: expect.stringContaining(`Broken: ${names}`) });
});
