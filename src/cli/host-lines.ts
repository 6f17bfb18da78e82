import type { Config, Environment, Host } from "../domain/config.ts";
import type { Target, WayOutcome } from "../ports.ts";

/** One line of an examination: fine, or what to do. `below` is set beneath it, to be copied as it is. */
export type Line = { readonly ok: boolean; readonly says: string; readonly below?: string };

/** Each host of each environment: how it is reached, by which keys, and what it runs. Runs nothing there but a look. */
export async function hostLines(target: Pick<Target, "way" | "read">, config: Config): Promise<readonly Line[]> {
  const places = config.apps.flatMap((app) =>
    app.environments.flatMap((environment) => environment.target.hosts.map((host) => ({ environment, host }))),
  );
  return Promise.all(places.map((place) => hostLine(target, place)));
}

async function hostLine(
  target: Pick<Target, "way" | "read">,
  { environment, host }: { readonly environment: Environment; readonly host: Host },
): Promise<Line> {
  const name = `${environment.id}, ${host.name}`;
  const way = (await target.way?.(host)) ?? null;
  if (way?.kind === "unreachable") {
    const says = `${environment.id}, ${way.because}`;
    return way.pin === null ? { ok: false, says } : { ok: false, says, below: `known_hosts: ${way.pin}` };
  }
  const reached = way === null ? "" : ` (${wayText(way)})`;
  const answer = await target.read(host);
  if (answer.kind !== "read") return { ok: false, says: `${environment.id}, ${answer.because}${reached}` };
  const { live, clean } = answer.facts;
  if (!clean) return { ok: false, says: `${name}: somebody changed files by hand in ${host.directory}; commit or discard them${reached}` };
  return live === null
    ? { ok: false, says: `${name}: no revision can be read in ${host.directory}${reached}` }
    : { ok: true, says: `${name}: runs ${live.slice(0, 7)}${reached}` };
}

/** Through which servers, with which keys of theirs and ours. */
function wayText({ hops }: Extract<WayOutcome, { readonly kind: "reached" }>): string {
  const last = hops.at(-1);
  const jumps = hops
    .slice(0, -1)
    .map(({ address, port, hostKey }) => `${address}${port === 22 ? "" : ` port ${port}`}, host key ${hostKey.print}`);
  const through = jumps.length === 0 ? "" : `through ${jumps.join(", then ")}; `;
  return last === undefined
    ? ""
    : `${through}host key ${last.hostKey.type} ${last.hostKey.print}; our key ${last.ourKey.print} of ${last.ourKey.name}`;
}
