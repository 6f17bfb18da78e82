import { ok } from "../domain/result.ts";
import type { Result } from "../domain/result.ts";
import { failure } from "./failure.ts";
import type { SentryFailure } from "./failure.ts";
import type { Requester } from "./request.ts";
import { parsed, quoted, scopeQuery } from "./scope.ts";
import type { SentryScope, SentryWindow } from "./scope.ts";
import { EventTableShape, IssueTableShape, ReleaseTableShape, ServerTableShape } from "./shapes.ts";

export type NameField = "server_name" | "issue.id";
/** `name` null: events that carry none. */
export type CountedName = { readonly name: string | null; readonly events: number; readonly users: number };

/** Sentry's largest page. */
const ROWS = "100";

/** Names of the releases that sent events in the window; null stands for events without one. */
export async function releasesSeen(
  requester: Requester,
  scope: SentryScope,
  window: SentryWindow,
): Promise<Result<readonly (string | null)[], SentryFailure>> {
  const answer = await table(requester, scope, { ...window, field: ["release", "count()"] });
  if (!answer.ok) return answer;
  const rows = parsed(ReleaseTableShape, answer.value);
  if (rows === null) return failure("nonsense", "Sentry's table of releases has another shape than it documents");
  return ok(rows.data.map((row) => nameOf(row.release)));
}

/** Events and people of a release by server or by issue, the most frequent first, one page; `servers`: only what they sent. */
export async function countBy(
  requester: Requester,
  scope: SentryScope,
  input: SentryWindow & { readonly release: string; readonly field: NameField; readonly servers?: readonly string[] },
): Promise<Result<readonly CountedName[], SentryFailure>> {
  const { from, to, field, servers } = input;
  const sentBy = servers === undefined ? [] : [`server_name:[${servers.map(quoted).join(",")}]`];
  const query = [`release:${quoted(input.release)}`, ...sentBy].join(" ");
  const answer = await table(requester, scope, { from, to, query, field: [field, "count()", "count_unique(user)"] });
  if (!answer.ok) return answer;
  const rows = field === "server_name" ? serverRows(answer.value) : issueRows(answer.value);
  return rows === null ? failure("nonsense", "Sentry's table of events has another shape than it documents") : ok(rows);
}

/** Id of the newest event of an issue and release; null: there is none in the window. */
export async function newestEvent(
  requester: Requester,
  scope: SentryScope,
  input: SentryWindow & { readonly release: string; readonly issue: string },
): Promise<Result<string | null, SentryFailure>> {
  const { from, to, issue } = input;
  const query = `issue.id:${quoted(issue)} release:${quoted(input.release)}`;
  const answer = await table(requester, scope, { from, to, query, field: ["id", "timestamp"], sort: "-timestamp", rows: "1" });
  if (!answer.ok) return answer;
  const rows = parsed(EventTableShape, answer.value);
  return rows === null ? failure("nonsense", "Sentry's table of events has another shape than it documents") : ok(rows.data[0]?.id ?? null);
}

async function table(
  requester: Requester,
  scope: SentryScope,
  input: SentryWindow & { readonly query?: string; readonly field: readonly string[]; readonly sort?: string; readonly rows?: string },
): Promise<Result<unknown, SentryFailure>> {
  const path = ["organizations", scope.organization, "events"];
  const query = {
    ...scopeQuery(scope, input, requester.skewMs()),
    dataset: "errors",
    ...(input.query === undefined ? {} : { query: input.query }),
    field: input.field,
    sort: input.sort ?? "-count()",
    per_page: input.rows ?? ROWS,
  };
  const answer = await requester.request({ method: "GET", path, query });
  return answer.ok ? ok(answer.value.body) : answer;
}

function serverRows(body: unknown): readonly CountedName[] | null {
  const rows = parsed(ServerTableShape, body)?.data ?? null;
  return rows?.map((row) => ({ name: nameOf(row.server_name), events: row["count()"], users: row["count_unique(user)"] })) ?? null;
}

function issueRows(body: unknown): readonly CountedName[] | null {
  const rows = parsed(IssueTableShape, body)?.data ?? null;
  return rows?.map((row) => ({ name: String(row["issue.id"]), events: row["count()"], users: row["count_unique(user)"] })) ?? null;
}

function nameOf(name: string | null | undefined): string | null {
  return name === undefined || name === "" ? null : name;
}
