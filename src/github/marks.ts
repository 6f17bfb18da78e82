import { z } from "zod";
import { foreignLine } from "../domain/foreign.ts";
import type { CommitStatus } from "../ports.ts";
import type { Ask, Failure } from "./ask.ts";
import * as field from "./fields.ts";

type Mark = Parameters<CommitStatus["mark"]>[0];

/** GitHub refuses a longer description (docs.github.com, commit statuses). */
const DESCRIPTION = 140;

const statuses = z.array(z.object({ context: z.string(), state: z.string(), description: z.string().nullable().default(null) }));

/**
 * A commit status; `null`: it stands there. GitHub knows no idempotency key and keeps at most 1000 of a commit and context, so the newest
 * one is looked at first: after a time-out nobody knows whether the first try worked.
 */
export async function markCommit(ask: Ask, mark: Mark): Promise<Failure | null> {
  const { repository, revision, context, state } = mark;
  const description = foreignLine(mark.description, DESCRIPTION);
  const known = await ask({
    repository,
    route: "GET /repos/{owner}/{repo}/commits/{ref}/statuses",
    parameters: { ref: revision, per_page: 100 },
    schema: statuses,
  });
  if (!known.ok) return known.refusal;
  const newest = known.value.find((one) => one.context === context);
  if (newest !== undefined && newest.state === state && (newest.description ?? "") === description) return null;
  const answer = await ask({
    repository,
    route: "POST /repos/{owner}/{repo}/statuses/{sha}",
    parameters: { sha: revision, context, state, description, ...(mark.url === null ? {} : { target_url: mark.url }) },
    schema: z.object({ id: field.id }),
  });
  return answer.ok ? null : answer.refusal;
}
