import { z } from "zod";
import * as field from "./fields.ts";

/** Only the fields we read; GitHub adds others freely. Source: GitHub's OpenAPI description of webhooks. */
const repository = z.object({ id: field.id, full_name: field.repositoryName });

const gitAuthor = z.object({
  name: field.lineOrNull.default(null),
  email: field.emailOrNull.default(null),
  username: field.loginOrNull.default(null),
});

/** Paths of files; what is no such list is as if it were not there. */
const touched = z.array(z.string()).optional().catch(undefined);

export const pushBody = z.object({
  ref: z.string().max(300),
  before: z.string(),
  after: z.string(),
  deleted: z.boolean().default(false),
  compare: field.pageOrNull.default(null),
  /** Seconds since 1970 in this event alone; everywhere else it is a date. */
  repository: repository.extend({ pushed_at: z.union([z.int(), z.string()]).nullable().default(null) }),
  pusher: z.object({ name: field.lineOrNull.default(null), email: field.emailOrNull.default(null) }),
  sender: z
    .object({ login: field.loginOrNull.default(null) })
    .nullable()
    .default(null),
  head_commit: z
    .object({ timestamp: field.momentOrNull.default(null) })
    .nullable()
    .default(null),
  forced: z.boolean().default(false),
  commits: z
    .array(
      z.object({
        id: field.sha,
        message: field.title,
        url: field.pageOrNull.default(null),
        author: gitAuthor,
        added: touched,
        modified: touched,
        removed: touched,
      }),
    )
    .default([]),
});

/** A run as webhooks and the API both show it. */
export const workflowRun = z.object({
  id: field.id,
  run_attempt: field.attempt,
  name: field.lineOrNull.default(null),
  path: field.lineOrNull.default(null),
  event: field.line,
  status: z.string().nullable(),
  conclusion: z.string().nullable(),
  head_branch: field.branchOrNull.default(null),
  head_sha: field.sha,
  html_url: field.page,
  triggering_actor: z
    .object({ login: field.loginOrNull.default(null) })
    .nullable()
    .catch(null)
    .default(null),
  head_repository: repository.nullable().default(null),
  run_started_at: field.momentOrNull.default(null),
  updated_at: field.moment,
});

export const workflowRunBody = z.object({
  repository,
  workflow: z
    .object({ name: field.lineOrNull.default(null), path: field.lineOrNull.default(null) })
    .nullable()
    .default(null),
  workflow_run: workflowRun,
});

/** A job as webhooks and the API both show it. */
export const workflowJob = z.object({
  id: field.id,
  run_id: field.id,
  run_attempt: field.attempt,
  name: field.line,
  workflow_name: field.lineOrNull.default(null),
  status: z.string(),
  conclusion: z.string().nullable(),
  head_branch: field.branchOrNull.default(null),
  head_sha: field.sha,
  html_url: field.pageOrNull.default(null),
  started_at: field.momentOrNull.default(null),
  completed_at: field.momentOrNull.default(null),
});

export const workflowJobBody = z.object({ repository, workflow_job: workflowJob });

export type WorkflowJobFields = z.infer<typeof workflowJob>;
