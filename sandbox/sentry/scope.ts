import type { Answer, Visit } from "../loopback.ts";
import { json } from "../loopback.ts";
import { periodMs, UnknownSearch } from "./search.ts";

/** What every list of Sentry can be narrowed by: time, environments, project. */
export type Scope = { readonly start: Date; readonly end: Date; readonly environments: readonly string[] };

export type ProjectName = { readonly id: number; readonly slug: string };

const DEFAULT_PERIOD_MS = 90 * 86_400_000;

/** @throws UnknownSearch when the request contradicts itself, as Sentry would say 400. */
export function scopeOf(visit: Visit, project: ProjectName, now: Date): Scope {
  const { query } = visit;
  const [start, end, period] = [query.get("start"), query.get("end"), query.get("statsPeriod")];
  if ((start === null) !== (end === null)) throw new UnknownSearch("start and end are both required");
  const asked = query.getAll("project").filter((one) => one !== "-1" && one !== String(project.id) && one !== project.slug);
  if (asked.length > 0) throw new UnknownSearch(`No such project: ${asked.join(", ")}`);
  const environments = query.getAll("environment").filter((one) => one !== "");
  if (start !== null && end !== null) return { start: parseTime(start), end: parseTime(end), environments };
  const length = period === null || period === "" ? DEFAULT_PERIOD_MS : periodMs(period);
  if (length === null) throw new UnknownSearch(`Invalid statsPeriod: ${period}`);
  return { start: new Date(now.getTime() - length), end: now, environments };
}

export function isInScope(event: { at: Date; environment: string }, scope: Scope): boolean {
  if (event.at < scope.start || event.at > scope.end) return false;
  return scope.environments.length === 0 || scope.environments.includes(event.environment);
}

/** The page of a list with Sentry's Link header: rel=next is always there, `results` says whether it leads anywhere. */
export function cursored<T>(visit: Visit, items: readonly T[], toJson: (item: T) => unknown): Answer {
  const size = Math.min(100, Number(visit.query.get("per_page") ?? visit.query.get("limit")) || 100);
  const offset = Number(/^\d+:(\d+):\d$/.exec(visit.query.get("cursor") ?? "")?.[1] ?? 0);
  const link = (relation: string, start: number, hasResults: boolean) => {
    const cursor = `0:${Math.max(0, start)}:${relation === "previous" ? 1 : 0}`;
    const query = new URLSearchParams(visit.query);
    query.set("cursor", cursor);
    const address = `http://${visit.headers.host ?? "127.0.0.1"}${visit.path}?${query.toString()}`;
    return `<${address}>; rel="${relation}"; results="${hasResults}"; cursor="${cursor}"`;
  };
  const links = [link("previous", offset - size, offset > 0), link("next", offset + size, offset + size < items.length)];
  return json(200, items.slice(offset, offset + size).map(toJson), { link: links.join(", ") });
}

/** Turns a refusal of the search into Sentry's 400. */
export function orBadRequest(answer: () => Answer): Answer {
  try {
    return answer();
  } catch (fault) {
    if (fault instanceof UnknownSearch) return json(400, { detail: fault.message });
    throw fault;
  }
}

function parseTime(text: string): Date {
  const time = new Date(/(Z|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text}Z`);
  if (Number.isNaN(time.getTime())) throw new UnknownSearch(`Invalid date: ${text}`);
  return time;
}
