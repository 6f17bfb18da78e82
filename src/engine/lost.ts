import { arrived, hooksSeen } from "../db/asked-runs.ts";
import { sourcesOf } from "../domain/companion.ts";
import type { Repository } from "../domain/config.ts";
import type { LostDelivery } from "../domain/lost-delivery.ts";
import type { Engine } from "./engine.ts";

/** GitHub keeps what it could not hand over for at least so long (docs.github.com, "Redelivering webhooks"). */
const LOOK_BACK_MS = 3 * 86_400_000;
/** What failed so often fails for a reason that does not pass. */
const MOST_TRIES = 5;
/** Asked for in one round; each is a write, and writes are made a second apart. */
const MOST = 100;

/** Asks each code host for the webhooks that it could not hand over, oldest first. What arrived meanwhile is not asked for. */
export async function askForLost(engine: Engine): Promise<void> {
  for (const { kind, connection, paths } of accounts(engine)) {
    if (engine.stopping.aborted) return;
    const sender = { source: kind, connection };
    const host = engine.codeHost({ kind, connection });
    const since = new Date(engine.clock().getTime() - LOOK_BACK_MS);
    const failed = await host.failed({ repositories: paths, hooks: await hooksSeen(engine.db, sender), since });
    if (failed === null || failed.length === 0) continue;
    const here = await arrived(
      engine.db,
      sender,
      failed.map((lost) => lost.delivery),
    );
    const wanted = failed.filter((lost) => !here.has(lost.delivery) && lost.tries <= MOST_TRIES).slice(0, MOST);
    const asked = await askAgain(engine, host, wanted);
    if (asked > 0) engine.log("info", "asked for webhooks that had not arrived", { connection, kind, count: asked });
  }
}

async function askAgain(engine: Engine, host: ReturnType<Engine["codeHost"]>, wanted: readonly LostDelivery[]): Promise<number> {
  let asked = 0;
  for (const lost of wanted) {
    // It does not answer any more: the rest is for the next round.
    if (engine.stopping.aborted || !(await host.again(lost))) return asked;
    asked += 1;
  }
  return asked;
}

type Account = Pick<Repository, "kind" | "connection"> & { readonly paths: string[] };

function accounts(engine: Engine): readonly Account[] {
  const found = new Map<string, Account>();
  for (const { repository } of sourcesOf(engine.config.apps)) {
    const { kind, connection, path } = repository;
    const account = found.get(`${kind} ${connection}`) ?? { kind, connection, paths: [] };
    if (!account.paths.includes(path)) account.paths.push(path);
    found.set(`${kind} ${connection}`, account);
  }
  return [...found.values()];
}
