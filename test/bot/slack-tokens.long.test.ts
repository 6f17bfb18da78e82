import { expect, test } from "vitest";
import { spawnBot } from "../support/bot-process.ts";
import { openBotWorld } from "../support/bot-world.ts";
import { until } from "../support/until.ts";

test("tokens that Slack does not accept are named in a sentence, without them and without a stack", async () => {
  await using world = await openBotWorld();
  const wrong = { SLACK_BOT_TOKEN: "xoxb-of-another-workspace", SLACK_APP_TOKEN: "xapp-of-another-app" };
  for (const [name, value] of Object.entries(wrong)) {
    const bot = await spawnBot(world.folder, { ...world.env, [name]: value });
    await until(
      () => bot.said().includes(name),
      () => bot.said(),
      60_000,
    );
    expect.soft(bot.said(), name).not.toContain(value);
    expect.soft(bot.said(), name).not.toMatch(/\n\s+at |"stack"/u);
    if (bot.ended() === null) await bot.end("SIGTERM");
  }
});
