import type { FoundRevision, LiveHost } from "./environment.ts";
import { shortSha } from "./ids.ts";
import type { Plan } from "./plan.ts";

/** What each of these hosts is known to run, for a plan that is made now. */
export function runningOn(hosts: readonly { readonly name: string }[], live: readonly LiveHost[]): Plan["running"] {
  return Object.fromEntries(
    hosts.flatMap((host) => {
      const known = live.find((one) => one.host === host.name);
      return known === undefined ? [] : [[host.name, known.revision]];
    }),
  );
}

/**
 * Hosts that say something else than what is recorded of them. A host of which nothing is recorded drifts when it runs something
 * else than what the plan starts from; before a first deployment there is nothing to drift from.
 */
export function driftOf(plan: Plan, live: readonly LiveHost[], said: readonly FoundRevision[]): readonly FoundRevision[] {
  return said.filter(({ host, revision }) => {
    const known = live.find((one) => one.host === host)?.revision ?? plan.from;
    return known !== null && known !== revision;
  });
}

/** "web-2 runs 4c1e77d, not 9f3c2ab as recorded". */
export function driftWords(drift: readonly FoundRevision[], live: readonly LiveHost[], from: Plan["from"]): string {
  const words = drift.map(({ host, revision }) => {
    const known = live.find((one) => one.host === host)?.revision ?? from;
    return `${host} runs ${shortSha(revision)}${known === null ? "" : `, not ${shortSha(known)} as recorded`}`;
  });
  return words.length <= MOST_NAMED ? words.join("; ") : `${words.slice(0, MOST_NAMED).join("; ")}; and ${words.length - MOST_NAMED} more`;
}

/** More than these make a sentence that nobody reads. */
const MOST_NAMED = 4;
