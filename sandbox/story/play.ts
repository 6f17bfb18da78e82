import { startWorld } from "../world/world.ts";
import { badCommit } from "./bad-commit.ts";
import { Broken } from "./expectation.ts";
import { goodCommit } from "./good-commit.ts";
import { commitSabotage, type Sabotage } from "./sabotage.ts";
import { newTale } from "./tale.ts";
import { watchServers } from "./witness.ts";

/** Tells the whole story without a browser. @returns the exit code: 0 when every expectation held, 1 when one did not */
export async function play(options: {
  readonly port?: number;
  readonly keep: boolean;
  readonly mode: "socket" | "http";
  readonly sabotage: Sabotage | null;
}): Promise<number> {
  const started = Date.now();
  const tell = (sentence: string) => console.log(`${((Date.now() - started) / 1000).toFixed(1).padStart(6)} s  ${sentence}`);
  const world = await startWorld(options);
  const { staging, web1, web2 } = world.servers;
  const witness = watchServers([staging, web1, web2]);
  let calm: (() => void) | null = null;
  let code = 1;
  const leave = (): void => void world.close().finally(() => process.exit(130));
  process.once("SIGINT", leave);
  process.once("SIGTERM", leave);
  try {
    tell("The world is there: Slack, GitHub and Sentry of the sandbox, three servers, visitors.");
    world.bot.start();
    await world.bot.ready();
    tell("The bot is ready.");
    if (options.sabotage !== null) tell(`Sabotage: ${options.sabotage}.`);
    calm = await commitSabotage(world, options.sabotage);
    const telling = { world, tale: newTale(), witness, tell };
    await badCommit(telling, await goodCommit(telling));
    tell("Every expectation held.");
    code = 0;
  } catch (error) {
    tell(
      error instanceof Broken
        ? `Broken: ${error.message}.`
        : `The story could not go on: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  calm?.();
  await witness.close();
  await world.close({ keep: options.keep });
  if (options.keep) console.log(`Kept: ${world.folder}`);
  return code;
}
