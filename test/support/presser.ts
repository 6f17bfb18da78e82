import { readFileSync } from "node:fs";
import { carryOut, takeClick, type StoredPress } from "../../src/engine/clicks.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { startReplica, type ReplicaSettings } from "./engine-replica.ts";

/**
 * A replica that takes one press and dies: `node presser.ts FILE`, where FILE holds its settings, the press, and the moment. `stored`:
 * the press is written down, nothing was done about it. `within`: all is decided, and the transaction is still open. `after`: all is
 * committed, and its presser was told nothing.
 */
export type PresserOrders = { readonly settings: ReplicaSettings; readonly press: StoredPress; readonly moment: Moment };
export type Moment = "stored" | "within" | "after";

const { settings, press, moment }: PresserOrders = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8"));

function die(): never {
  process.kill(process.pid, "SIGKILL");
  throw new Error("it does not die");
}

const { engine } = await startReplica(settings, { work: false });
await takeClick(engine, press);
if (moment === "stored") die();
// Jobs are sent last of all, when changes, history and answer are written.
const dying: Engine = moment === "within" ? { ...engine, jobs: { send: async () => die() } } : engine;
await carryOut(dying, press.id, await engine.directory.person(press.actor.id));
die();
