import type { World, WorldOptions } from "../../sandbox/world/world.ts";
import { startWorld } from "../../sandbox/world/world.ts";

/** The whole sandbox with the real bot up; `await using` ends all of it. */
export async function openWorld(options: WorldOptions = {}): Promise<World & AsyncDisposable> {
  const world = await startWorld(options);
  const dispose = (): Promise<void> => world.close();
  try {
    world.bot.start();
    await world.bot.ready();
  } catch (error) {
    await dispose();
    throw error;
  }
  return { ...world, [Symbol.asyncDispose]: dispose };
}
