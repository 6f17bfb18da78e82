import { z } from "zod";
import * as field from "./fields.ts";

/** Only the fields we read; GitLab adds others freely, and older versions lack some. Source: GitLab's page on webhook events. */
const project = z.object({ web_url: field.pageOrNull.default(null), path_with_namespace: field.projectPath });

const person = z
  .object({ name: field.lineOrNull.default(null), username: field.usernameOrNull.default(null), email: field.emailOrNull.default(null) })
  .nullable()
  .default(null);

const environment = z
  .object({
    name: field.line,
    action: field.lineOrNull.default(null),
    deployment_tier: field.lineOrNull.default(null),
  })
  .nullable()
  .catch(null);

const sourcePipeline = z.object({ pipeline_id: field.id }).nullable().catch(null);

const pipelineJob = z.object({
  id: field.id,
  stage: field.lineOrNull.default(null),
  name: field.line,
  status: z.string(),
  allow_failure: z.boolean().default(false),
  created_at: field.momentOrNull.default(null),
  started_at: field.momentOrNull.default(null),
  finished_at: field.momentOrNull.default(null),
  environment: environment.default(null),
});

export const pipelineBody = z.object({
  object_attributes: z.object({
    id: field.id,
    name: field.lineOrNull.default(null),
    ref: z.string().max(300),
    tag: z.boolean().default(false),
    sha: field.sha,
    source: field.line,
    status: z.string(),
    created_at: field.momentOrNull.default(null),
    finished_at: field.momentOrNull.default(null),
    url: field.pageOrNull.default(null),
  }),
  merge_request: z
    .object({ source_project_id: field.idOrNull.default(null), target_project_id: field.idOrNull.default(null) })
    .nullable()
    .default(null),
  user: person,
  project,
  source_pipeline: sourcePipeline.default(null),
  /** GitLab's own name of the list; a client library calls it `jobs`. */
  builds: z.array(pipelineJob).max(5000).optional(),
  jobs: z.array(pipelineJob).max(5000).optional(),
});

export const jobBody = z
  .object({
    ref: z.string().max(300),
    tag: z.boolean().default(false),
    sha: field.sha,
    build_id: field.id,
    build_name: field.line,
    build_stage: field.lineOrNull.default(null),
    build_status: z.string(),
    build_created_at: field.momentOrNull.default(null),
    build_started_at: field.momentOrNull.default(null),
    build_finished_at: field.momentOrNull.default(null),
    build_allow_failure: z.boolean().default(false),
    pipeline_id: field.id,
    user: person,
    environment: environment.default(null),
    project: project.optional(),
    /** Older servers send no project: its page's address says which one it is. */
    repository: z
      .object({ homepage: field.page.transform((homepage, context) => projectAt(homepage, context)) })
      .optional()
      .catch(undefined),
  })
  .transform(({ project: told, repository, ...rest }, context) => {
    const found = told ?? repository?.homepage;
    if (found !== undefined) return { ...rest, project: found };
    context.addIssue({ code: "custom", path: ["project"], message: "is missing" });
    return z.NEVER;
  });

export const deploymentBody = z.object({
  status: z.string(),
  status_changed_at: field.momentOrNull.default(null),
  deployment_id: field.id,
  deployable_url: field.pageOrNull.default(null),
  environment: field.line,
  environment_tier: field.lineOrNull.default(null),
  environment_external_url: field.pageOrNull.default(null),
  short_sha: z.string().regex(/^[0-9a-f]{7,40}$/),
  commit_url: z.string().max(2000),
  user: person,
  project,
});

/** Paths of files; what is no such list is as if it were not there. */
const touched = z.array(z.string()).optional().catch(undefined);

export const pushBody = z.object({
  ref: z.string().max(300),
  before: z.string(),
  after: z.string(),
  user_name: field.lineOrNull.default(null),
  user_username: field.usernameOrNull.default(null),
  user_email: field.emailOrNull.default(null),
  project,
  /** GitLab lists at most 20 of them. */
  total_commits_count: z.int().nullable().default(null).catch(null),
  commits: z
    .array(
      z.object({
        id: field.sha,
        message: field.title,
        timestamp: field.momentOrNull.default(null),
        added: touched,
        modified: touched,
        removed: touched,
        url: field.pageOrNull.default(null),
        author: z
          .object({ name: field.lineOrNull.default(null), email: field.emailOrNull.default(null) })
          .nullable()
          .default(null),
      }),
    )
    .max(1000)
    .default([]),
});

export const mergeRequestBody = z.object({
  user: person,
  project,
  object_attributes: z.object({
    iid: z.int().positive(),
    title: field.title,
    description: z.string().nullable().default(null),
    action: field.lineOrNull.default(null),
    state: field.lineOrNull.default(null),
    merge_commit_sha: field.shaOrNull.default(null),
    squash_commit_sha: field.shaOrNull.default(null),
    last_commit: z
      .object({
        id: field.sha,
        author: z
          .object({ name: field.lineOrNull.default(null), email: field.emailOrNull.default(null) })
          .nullable()
          .default(null),
      })
      .nullable()
      .default(null),
    url: field.pageOrNull.default(null),
    updated_at: field.momentOrNull.default(null),
  }),
});

export type ProjectFields = z.infer<typeof project>;
export type PersonFields = z.infer<typeof person>;

function projectAt(homepage: string, context: z.RefinementCtx): ProjectFields {
  const path = field.projectPath.safeParse(new URL(homepage).pathname.slice(1));
  if (path.success) return { web_url: homepage, path_with_namespace: path.data };
  context.addIssue({ code: "custom", message: "names no project" });
  return z.NEVER;
}
