import { z } from "zod";
import { checkOf, checkRun, isJobOfActions, isOurStatus, repository, statusCheckOf, statusState } from "../checks.ts";
import * as field from "../fields.ts";
import { ignored, told } from "./read.ts";
import type { Normalised } from "./read.ts";

export const checkRunBody = z.object({ action: z.string(), repository, check_run: checkRun });

export const checkSuiteBody = z.object({
  repository,
  check_suite: z.object({
    head_sha: field.sha,
    app: z
      .object({ slug: field.lineOrNull.default(null) })
      .nullable()
      .default(null),
  }),
});

export const statusBody = z.object({
  repository,
  sha: field.sha,
  context: field.line,
  state: statusState,
  target_url: field.pageOrNull.default(null),
  updated_at: field.moment,
  sender: z
    .object({ login: field.loginOrNull.default(null) })
    .nullable()
    .default(null),
});

export function checkChanged({ action, repository: of, check_run: run }: z.infer<typeof checkRunBody>): Normalised {
  if (action === "rerequested") return ignored("a check was asked for again: it tells us itself when it runs");
  if (action === "requested_action") return ignored("somebody pressed a button of a check");
  if (isJobOfActions(run)) return ignored("a check of GitHub Actions: its job says the same");
  const check = checkOf(run);
  if (check === null) return ignored("the body does not fit the event check_run: no app is named");
  return told({ kind: "check", repository: of.full_name, revision: run.head_sha, ...check });
}

export function suiteChanged({ check_suite: suite }: z.infer<typeof checkSuiteBody>): Normalised {
  const runs = suite.app?.slug === "github-actions" ? "workflow runs" : "check runs";
  return ignored(`a check suite says nothing that its ${runs} do not`);
}

export function statusSet(fields: z.infer<typeof statusBody>): Normalised {
  if (isOurStatus(fields.context)) return ignored("a commit status of our own");
  // The hook names no creator, but who sent it is who set it.
  const check = statusCheckOf({ ...fields, creator: fields.sender });
  return told({ kind: "check", repository: fields.repository.full_name, revision: fields.sha, ...check });
}
