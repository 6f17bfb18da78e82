import { z } from "zod";
import { isTerminal, type Check, type StageStatus } from "../domain/pipeline.ts";
import * as field from "./fields.ts";
import { stageStatus } from "./status.ts";

export const repository = z.object({ id: field.id, full_name: field.repositoryName });

/** A check run as webhooks and the API both show it. Older servers name an app without a slug. */
export const checkRun = z.object({
  id: field.id,
  name: field.line,
  head_sha: field.sha,
  status: z.string(),
  conclusion: z.string().nullable(),
  details_url: field.pageOrNull.default(null),
  html_url: field.pageOrNull.default(null),
  started_at: field.momentOrNull.default(null),
  completed_at: field.momentOrNull.default(null),
  app: z
    .object({ id: field.id, slug: field.lineOrNull.default(null) })
    .nullable()
    .default(null),
  check_suite: z
    .object({ head_branch: field.branchOrNull.default(null) })
    .nullable()
    .default(null),
});

export const statusState = z.enum(["error", "failure", "pending", "success"]);

/** A commit status as the API lists it. */
export const commitStatus = z.object({
  context: field.line,
  state: statusState,
  target_url: field.pageOrNull.default(null),
  updated_at: field.moment,
  creator: z
    .object({ login: field.loginOrNull.default(null) })
    .nullable()
    .default(null),
});

/** A job of Actions is a check run too, with the same id. */
export function isJobOfActions(run: z.infer<typeof checkRun>): boolean {
  return run.app?.slug === "github-actions";
}

/** What we tell GitHub comes back to us, and proves nothing. */
export function isOurStatus(context: string): boolean {
  return context.startsWith("greenlight/");
}

/** Null: nobody says which app it is of. */
export function checkOf(run: z.infer<typeof checkRun>): Check | null {
  if (run.app === null) return null;
  const status = stageStatus(run.status, run.conclusion);
  const branch = run.check_suite?.head_branch ?? null;
  return {
    name: run.name,
    source: { kind: "app", slug: run.app.slug ?? run.app.id, id: run.app.id },
    check: run.id,
    status,
    branch,
    // A suite of a fork's commit names no branch; nor does one of a commit without a branch.
    ownRepository: branch === null ? null : true,
    url: run.html_url ?? run.details_url,
    startedAt: status === "queued" || status === "waiting" ? null : run.started_at,
    finishedAt: isTerminal(status) ? run.completed_at : null,
    updatedAt: run.completed_at ?? run.started_at ?? new Date(0),
  };
}

const STATES: Readonly<Record<z.infer<typeof statusState>, StageStatus>> = {
  pending: "running",
  success: "passed",
  failure: "failed",
  error: "failed",
};

/** A context is known by its name alone: whoever sets it last has the last word, and is named. */
export function statusCheckOf(status: z.infer<typeof commitStatus>): Check {
  const stage = STATES[status.state];
  return {
    name: status.context,
    source: { kind: "status", creator: status.creator?.login ?? null },
    check: status.context,
    status: stage,
    // A status is set on a commit, whatever branches have it.
    branch: null,
    ownRepository: null,
    url: status.target_url,
    startedAt: null,
    finishedAt: isTerminal(stage) ? status.updated_at : null,
    updatedAt: status.updated_at,
  };
}
