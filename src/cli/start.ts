import type { Command } from "commander";

export function addStart(program: Command): void {
  program
    .command("start")
    .description("run the bot until it is told to stop")
    .action(async () => {
      // Only here: `check` must not load PostgreSQL and Slack, nor fail for want of them.
      const { start } = await import("../main.ts");
      await start();
    });
}
