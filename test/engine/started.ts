import type { DeploymentId } from "../../src/domain/ids.ts";
import type { Replica } from "../support/engine-replica.ts";
import type { World } from "../support/engine-world.ts";
import { until } from "../support/until.ts";

/** `pull web-1`, in the order in which hosts started them. */
export function starts(world: World): readonly string[] {
  return world.witnessed().map((line) => line.split(" ").slice(0, 2).join(" "));
}

export async function whenStarted(world: World, step: string): Promise<void> {
  await until(
    () => starts(world).includes(step),
    () => `${step} was not started: ${starts(world).join(", ")}`,
    60_000,
  );
}

export async function released(bot: Replica, world: World, id: DeploymentId): Promise<void> {
  await until(
    async () => (await world.database.pool.query("select 1 from deployments where id = $1 and not holds_hosts", [id])).rowCount === 1,
    () => `the hosts were not released: ${bot.lines.join("\n")} ${bot.faults.join("\n")}`,
  );
}
