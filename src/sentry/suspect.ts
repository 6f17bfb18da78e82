import { ok } from "../domain/result.ts";
import type { Result } from "../domain/result.ts";
import type { SentryFailure } from "./failure.ts";
import type { Requester } from "./request.ts";
import { parsed } from "./scope.ts";
import type { SentryScope, SentryWindow } from "./scope.ts";
import { CommittersShape } from "./shapes.ts";
import { newestEvent } from "./tables.ts";

/** `author`: their name, never their address; null: unknown. */
export type SuspectCommit = { readonly revision: string; readonly author: string | null };

/**
 * The commit that Sentry suspects of an issue's newest event; null: it names none. The route is not among those that Sentry publishes:
 * a server without it, or with another answer, suspects nobody.
 */
export async function suspectOf(
  requester: Requester,
  scope: SentryScope,
  input: SentryWindow & { readonly release: string; readonly issue: string },
): Promise<Result<SuspectCommit | null, SentryFailure>> {
  const event = await newestEvent(requester, scope, input);
  if (!event.ok) return event;
  if (event.value === null) return ok(null);
  const path = ["projects", scope.organization, scope.project, "events", event.value, "committers"];
  const answer = await requester.request({ method: "GET", path });
  if (!answer.ok) return answer.refusal.kind === "not_found" ? ok(null) : answer;
  const first = parsed(CommittersShape, answer.value.body)?.committers.find(({ commits }) => commits.length > 0);
  const revision = first?.commits[0]?.id;
  return ok(revision === undefined ? null : { revision, author: first?.author?.name ?? null });
}
