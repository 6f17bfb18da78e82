import { existsSync, readFileSync } from "node:fs";
import type { CheckpointName } from "../../src/engine/engine.ts";
import { sweep } from "../../src/engine/reconcile.ts";
import { startReplica, type ReplicaSettings } from "./engine-replica.ts";
import type { Strike } from "./replica-process.ts";

/**
 * A replica in a process of its own, to be killed or frozen: `node replica.ts FILE`, where FILE holds its settings and, as `strike`,
 * the point, the how-manieth time there and the signal that it sends itself. Prints `ready`, `strikes` just before the signal, and
 * each reported fault.
 */
type Orders = ReplicaSettings & { readonly strike: Strike | null };

const { strike, ...settings }: Orders = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8"));
let times = 0;

async function checkpoint(name: CheckpointName): Promise<void> {
  if (strike === null || name !== strike.point) return;
  if (strike.armed !== undefined && !existsSync(strike.armed)) return;
  times += 1;
  if (times !== strike.time) return;
  process.stdout.write("strikes\n");
  // The word must be out before the process stands still.
  await new Promise((written) => setImmediate(written));
  process.kill(process.pid, strike.signal);
}

const replica = await startReplica(settings, { checkpoint, onFault: (fault) => process.stdout.write(`fault: ${fault}\n`) });
process.on("SIGTERM", () => void replica[Symbol.asyncDispose]().then(() => process.exit(0)));
// As in the app: a sweep that meets a frozen replica's lock fails, and the next one tries again.
const sweeping = () => void sweep(replica.engine).catch((fault: unknown) => process.stdout.write(`sweep: ${String(fault)}\n`));
sweeping();
setInterval(sweeping, 2000);
process.stdout.write("ready\n");
