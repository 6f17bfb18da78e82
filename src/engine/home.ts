import { unfinished } from "../db/deployments.ts";
import type { StatusRow } from "../domain/intent.ts";
import { channelTroubles } from "./broken-channel.ts";
import { environmentOf, type Engine } from "./engine.ts";
import { standingOf } from "./standing.ts";
import { statusRows } from "./status.ts";
import { authorize } from "../domain/authorize.ts";

/** The Home tab of one person: what waits for their yes, and what is live. */
export async function homeOf(
  engine: Engine,
  user: string,
): Promise<{
  readonly waiting: readonly { readonly text: string; readonly url: string | null }[];
  readonly rows: readonly StatusRow[];
  readonly troubles: readonly string[];
}> {
  const person = await engine.directory.person(user);
  const waiting: { text: string; url: string | null }[] = [];
  for (const { deployment } of await unfinished(engine.db)) {
    const known = environmentOf(engine, deployment.environmentId);
    if (known === null || deployment.state.state !== "awaiting_approval" || person === null) continue;
    const standing = await standingOf(engine, { kind: "slack", id: user, name: person.name }, person, true, known.environment);
    if (authorize("approve", standing, known.environment, deployment) !== null) continue;
    const count = deployment.changes.changes.length;
    waiting.push({
      text: `${known.app.name} to ${known.environment.name} waits for your yes: ${count === 1 ? "1 change" : `${count} changes`}`,
      url: null,
    });
  }
  return { waiting, rows: await statusRows(engine, null), troubles: await channelTroubles(engine) };
}
