import { expect, test } from "vitest";
import { HELD, play } from "./play.ts";

test("the story holds, with the bot killed in the middle", async () => {
  expect(await play()).toEqual(HELD);
});
