import type { Origin } from "../domain/measurement.ts";
import type { SentryPlace, SentrySource, Stretch } from "./sentry-source.ts";

/** A name that may stand in a search as it is; senders choose theirs freely. */
const PLAIN_NAME = /^[\w.-]{1,253}$/;
const IP_ADDRESS = /^(?:\d{1,3}\.){3}\d{1,3}$|:/;

/** Who sent the release's errors, as far as Sentry can tell; null: nobody knows. A sender names itself, so this is no proof against a forger. */
export async function askOrigin(
  source: SentrySource,
  place: SentryPlace,
  asked: Stretch & { readonly release: string; readonly servers: readonly string[]; readonly events: number; readonly issues: number },
): Promise<Origin | null> {
  const { from, to, release } = asked;
  if (asked.events === 0) return { kind: "servers", events: 0, all: 0, users: 0, usersOfIssue: {} };
  if (asked.servers.length === 0) return null;
  const table = await source.countBy(place, { from, to, release, field: "server_name" });
  if (!table.ok) return null;
  const ours = table.value.filter((row) => row.name !== null && PLAIN_NAME.test(row.name) && isNamed(row.name, asked.servers));
  const names = ours.flatMap(({ name }) => (name === null ? [] : [name]));
  const byIssue =
    names.length === 0 || asked.issues === 0
      ? ({ ok: true, value: [] } as const)
      : await source.countBy(place, { from, to, release, field: "issue.id", servers: names });
  // Not told is not nobody.
  if (!byIssue.ok) return null;
  const issues = byIssue.value;
  return {
    kind: "servers",
    events: sum(ours.map((row) => row.events)),
    all: sum(table.value.map((row) => row.events)),
    // Distinct people of two servers cannot be added.
    users: Math.max(0, ...ours.map((row) => row.users), ...issues.map((row) => row.users)),
    usersOfIssue: Object.fromEntries(issues.flatMap(({ name, users }) => (name === null ? [] : [[name, users]]))),
  };
}

/** Servers call themselves `web-1` or `web-1.acme.test`, and we know them by one or the other. */
function isNamed(name: string, servers: readonly string[]): boolean {
  const known = new Set(servers.flatMap(spellings));
  return spellings(name).some((spelling) => known.has(spelling));
}

function spellings(name: string): readonly string[] {
  const whole = name.toLowerCase().replace(/\.$/, "");
  return IP_ADDRESS.test(whole) ? [whole] : [whole, whole.split(".")[0] ?? whole];
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
