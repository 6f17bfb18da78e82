import type { Host } from "../domain/config.ts";
import { parseSha } from "../domain/ids.ts";
import type { FoundRevision } from "../domain/environment.ts";
import type { ReadOutcome } from "../ports.ts";
import type { Engine } from "./engine.ts";

/** What one host answered when it was asked what it runs. */
export type HostAnswer = { readonly host: Host; readonly answer: ReadOutcome };

/** Asks all hosts at once what they run. Who has not answered in time (milliseconds) counts as unreachable: people wait for this. */
export async function askHosts(engine: Pick<Engine, "target">, hosts: readonly Host[], withinMs: number): Promise<readonly HostAnswer[]> {
  return Promise.all(hosts.map(async (host) => ({ host, answer: await inTime(engine.target.read(host), withinMs) })));
}

/** The revisions among the answers. */
export function revisionsIn(answers: readonly HostAnswer[]): readonly FoundRevision[] {
  return answers.flatMap(({ host, answer }) => {
    const revision = answer.kind === "read" && answer.facts.live !== null ? parseSha(answer.facts.live) : null;
    return revision === null ? [] : [{ host: host.name, revision }];
  });
}

async function inTime(asked: Promise<ReadOutcome>, withinMs: number): Promise<ReadOutcome> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<ReadOutcome>((resolve) => {
    timer = setTimeout(() => resolve({ kind: "unreachable", because: `no answer within ${Math.round(withinMs / 1000)} s` }), withinMs);
  });
  try {
    return await Promise.race([asked, late]);
  } finally {
    clearTimeout(timer);
  }
}
