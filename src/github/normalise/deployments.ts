import { z } from "zod";
import type { DeployedEvent } from "../../domain/pipeline.ts";
import { authorByLogin } from "../authors.ts";
import { repository } from "../checks.ts";
import * as field from "../fields.ts";
import { ignored, told } from "./read.ts";
import type { Normalised } from "./read.ts";

const account = z.object({ login: field.loginOrNull.default(null) });
const flag = z.boolean().nullable().default(null).catch(null);

const deployment = z.object({
  id: field.id,
  sha: field.sha,
  environment: field.line,
  payload: z.unknown(),
  creator: account.nullable().default(null),
  transient_environment: flag,
  production_environment: flag,
  created_at: field.moment,
});
const actionsRun = z.object({ id: field.id }).nullable().default(null).catch(null);

export const deploymentBody = z.object({ repository, deployment, workflow_run: actionsRun });

export const deploymentStatusBody = z.object({
  repository,
  deployment,
  deployment_status: z.object({
    state: z.string(),
    environment_url: field.pageOrNull.default(null),
    log_url: field.pageOrNull.default(null),
    target_url: field.pageOrNull.default(null),
    created_at: field.moment,
    updated_at: field.momentOrNull.default(null),
  }),
  workflow_run: actionsRun,
});

/** All of it is optional in GitHub's own schema; without these there is nobody to answer to. */
export const protectionRuleBody = z.object({
  action: z.literal("requested"),
  repository,
  environment: field.line,
  deployment_callback_url: z.string().max(2000),
  deployment: z.object({ sha: field.sha, created_at: field.moment }),
});

export function deploymentMade({ repository: of, deployment: made, workflow_run: run }: z.infer<typeof deploymentBody>): Normalised {
  return told({ ...deployed(of.full_name, made, run), state: "started", url: null, log: null, at: made.created_at });
}

/** Maps, not objects: a state named `constructor` must find nothing. */
const STATES = new Map<string, DeployedEvent["state"]>([
  ["queued", "started"],
  ["pending", "started"],
  ["waiting", "started"],
  ["in_progress", "started"],
  ["success", "live"],
  ["failure", "failed"],
  ["error", "failed"],
  ["inactive", "inactive"],
]);

export function deploymentChanged(fields: z.infer<typeof deploymentStatusBody>): Normalised {
  const { deployment_status: status } = fields;
  const state = STATES.get(status.state);
  if (state === undefined) return ignored("a deployment is in a state that we do not know");
  return told({
    ...deployed(fields.repository.full_name, fields.deployment, fields.workflow_run),
    state,
    url: status.environment_url,
    log: status.log_url ?? status.target_url,
    at: status.updated_at ?? status.created_at,
  });
}

/** The address to answer to is never called: of it only the run's number is read. */
export function gateAsked(fields: z.infer<typeof protectionRuleBody>): Normalised {
  const workflowRun = /\/actions\/runs\/(\d{1,19})\/deployment_protection_rule$/.exec(fields.deployment_callback_url)?.[1];
  if (workflowRun === undefined) return ignored("a protection rule asks for no run");
  return told({
    kind: "gate_asked",
    repository: fields.repository.full_name,
    environment: fields.environment,
    workflowRun,
    revision: fields.deployment.sha,
    at: fields.deployment.created_at,
  });
}

function deployed(
  of: string,
  made: z.infer<typeof deployment>,
  run: z.infer<typeof actionsRun>,
): Omit<DeployedEvent, "state" | "url" | "log" | "at"> {
  return {
    kind: "deployed",
    repository: of,
    revision: made.sha,
    externalId: made.id,
    environment: made.environment,
    tier: made.production_environment === true ? "production" : null,
    transient: made.transient_environment === true,
    by: authorByLogin(made.creator),
    ours: oursIn(made.payload),
    workflowRun: run?.id ?? null,
  };
}

const ours = z.object({ greenlight: z.uuid() });

/** The payload is whatever its maker gave: an object, or JSON in a text. */
function oursIn(payload: unknown): string | null {
  const parsed = ours.safeParse(typeof payload === "string" ? fromJson(payload) : payload);
  return parsed.success ? parsed.data.greenlight : null;
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
