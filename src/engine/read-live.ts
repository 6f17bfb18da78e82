import { loadLive } from "../db/snapshot.ts";
import type { Environment } from "../domain/config.ts";
import { parseSha } from "../domain/ids.ts";
import { apply } from "./apply.ts";
import type { Engine } from "./engine.ts";

/** First contact: what hosts run that nobody has told us of. A host that does not answer is asked again the next time. */
export async function readLive(engine: Engine, environment: Environment): Promise<void> {
  const known = new Set((await loadLive(engine.db, environment.id)).map((host) => host.host));
  const strangers = environment.target.hosts.filter((host) => !known.has(host.name));
  if (strangers.length === 0) return;
  const answers = await Promise.all(strangers.map(async (host) => ({ host, answer: await engine.target.read(host) })));
  const hosts = answers.flatMap(({ host, answer }) => {
    if (answer.kind !== "read") {
      engine.log("warn", `cannot read what is live on ${host.name}: ${answer.because}`, { environment: environment.id });
      return [];
    }
    const revision = answer.facts.live === null ? null : parseSha(answer.facts.live);
    return revision === null ? [] : [{ host: host.name, revision }];
  });
  if (hosts.length > 0) await apply(engine, environment.id, { kind: "found_live", hosts });
}
