import { expect, test } from "vitest";
import { HELD, play } from "./play.ts";

test.each(["slack-429-storm", "double-webhook"])("the story holds in spite of %s", async (sabotage) => {
  expect(await play("--sabotage", sabotage)).toEqual(HELD);
});
