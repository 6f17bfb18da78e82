import { checkChanged, checkRunBody, checkSuiteBody, statusBody, statusSet, suiteChanged } from "./normalise/checks.ts";
import * as deployments from "./normalise/deployments.ts";
import { installationBody, installationChanged } from "./normalise/installations.ts";
import { packageBody, packagePublished, registryPackageBody } from "./normalise/packages.ts";
import { pullRequestBody, pullRequestChanged } from "./normalise/pull-requests.ts";
import { pushed } from "./normalise/push.ts";
import { ignored, read } from "./normalise/read.ts";
import type { Normalised } from "./normalise/read.ts";
import { jobChanged, workflowChanged } from "./normalise/runs.ts";
import { pushBody, workflowJobBody, workflowRunBody } from "./payloads.ts";

export type { Normalised } from "./normalise/read.ts";

type Reader = (event: string, body: Uint8Array) => Normalised;

/** A map, not an object: an event named `constructor` must find nothing. */
const READERS = new Map<string, Reader>([
  ["ping", () => ({ kind: "ping" })],
  ["push", (event, body) => read(event, pushBody, body, pushed)],
  ["workflow_run", (event, body) => read(event, workflowRunBody, body, workflowChanged)],
  ["workflow_job", (event, body) => read(event, workflowJobBody, body, jobChanged)],
  ["check_run", (event, body) => read(event, checkRunBody, body, checkChanged)],
  ["check_suite", (event, body) => read(event, checkSuiteBody, body, suiteChanged)],
  ["status", (event, body) => read(event, statusBody, body, statusSet)],
  ["pull_request", (event, body) => read(event, pullRequestBody, body, pullRequestChanged)],
  ["deployment", (event, body) => read(event, deployments.deploymentBody, body, deployments.deploymentMade)],
  ["deployment_status", (event, body) => read(event, deployments.deploymentStatusBody, body, deployments.deploymentChanged)],
  ["deployment_protection_rule", (event, body) => read(event, deployments.protectionRuleBody, body, deployments.gateAsked)],
  ["package", (event, body) => read(event, packageBody, body, (fields) => packagePublished(fields.repository.full_name, fields.package))],
  [
    "registry_package",
    (event, body) =>
      read(event, registryPackageBody, body, (fields) => packagePublished(fields.repository.full_name, fields.registry_package)),
  ],
  ["installation", (event, body) => read(event, installationBody, body, installationChanged)],
  ["installation_repositories", (event, body) => read(event, installationBody, body, installationChanged)],
]);

/** Why deliveries of an event are of no use, whatever they say; null: they are read. */
export function whyUnused(event: string): string | null {
  if (READERS.has(event)) return null;
  return /^[a-z_]{1,64}$/.test(event) ? `${event} events are not used` : "the event has no name we know";
}

/** What a delivery says, in our words. Never throws: what cannot be read is ignored, with the reason, and names no foreign text. */
export function normaliseGitHub(event: string, body: Uint8Array): Normalised {
  const reader = READERS.get(event);
  return reader === undefined ? ignored(whyUnused(event) ?? "the event has no name we know") : reader(event, body);
}
