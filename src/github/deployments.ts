import { z } from "zod";
import { foreignLine } from "../domain/foreign.ts";
import type { CommitStatus } from "../ports.ts";
import type { Ask, Failure } from "./ask.ts";
import * as field from "./fields.ts";

type Told = Parameters<CommitStatus["tell"]>[0];

/** GitHub refuses a longer description (docs.github.com, deployment statuses). */
const DESCRIPTION = 140;

/** Older deployments of a production environment that are looked at when a newer one is live. */
const MOST_OLDER = 10;

const deployment = z.object({ id: field.id, sha: z.string(), payload: z.unknown() });
const created = z.object({ id: field.id });
const statuses = z.array(z.object({ state: z.string(), description: z.string().nullable().default(null) }));

/** `null`: told, or already known there. */
export async function tellDeployment(ask: Ask, told: Told): Promise<Failure | null> {
  const id = await findOrCreate(ask, told);
  if (typeof id !== "string") return id;
  const failed = await setState(ask, told, id);
  if (failed !== null) return failed;
  // GitHub makes older deployments inactive by itself, but not those of production.
  return told.state === "success" && told.production ? retireOlder(ask, told, id) : null;
}

/** GitHub knows no idempotency key: our id is in the payload and is looked for first, and again when a creation went wrong. */
async function findOrCreate(ask: Ask, told: Told): Promise<string | Failure> {
  const known = await findOurs(ask, told);
  if (known !== null) return known;
  const made = await ask({
    repository: told.repository,
    route: "POST /repos/{owner}/{repo}/deployments",
    parameters: {
      ref: told.revision,
      task: "deploy",
      // By default GitHub would first merge the default branch into the revision, and ask for all of its checks.
      auto_merge: false,
      required_contexts: [],
      payload: { greenlight: told.deployment },
      environment: told.environment,
      production_environment: told.production,
      transient_environment: false,
      description: cut(told.description),
    },
    schema: created,
  });
  if (made.ok) return made.value.id;
  if (made.refusal.kind !== "away" && made.refusal.kind !== "nonsense") return made.refusal;
  const after = await findOurs(ask, told);
  return typeof after === "string" ? after : made.refusal;
}

async function findOurs(ask: Ask, told: Told): Promise<string | Failure | null> {
  const answer = await ask({
    repository: told.repository,
    route: "GET /repos/{owner}/{repo}/deployments",
    parameters: { sha: told.revision, environment: told.environment, per_page: 100 },
    schema: z.array(deployment),
  });
  if (!answer.ok) return answer.refusal;
  return answer.value.find((one) => ourId(one.payload) === told.deployment)?.id ?? null;
}

async function setState(ask: Ask, told: Told, id: string): Promise<Failure | null> {
  const { repository, state } = told;
  const known = await ask({
    repository,
    route: "GET /repos/{owner}/{repo}/deployments/{deployment_id}/statuses",
    parameters: { deployment_id: id, per_page: 1 },
    schema: statuses,
  });
  if (!known.ok) return known.refusal;
  const last = known.value[0];
  const description = cut(told.description);
  if (last !== undefined && last.state === state && (last.description ?? "") === description) return null;
  // Effects may come late: what has ended there does not begin again.
  const ended = last !== undefined && ["success", "failure", "error", "inactive"].includes(last.state);
  if (ended && (state === "queued" || state === "in_progress")) return null;
  return addStatus(ask, repository, id, { state, description, ...(told.url === null ? {} : { environment_url: told.url }) });
}

async function retireOlder(ask: Ask, told: Told, id: string): Promise<Failure | null> {
  const { repository, environment } = told;
  const answer = await ask({
    repository,
    route: "GET /repos/{owner}/{repo}/deployments",
    parameters: { environment, per_page: 100 },
    schema: z.array(deployment),
  });
  if (!answer.ok) return answer.refusal;
  const older = answer.value.filter((one) => isOlder(one.id, id)).slice(0, MOST_OLDER);
  for (const one of older) {
    const route = "GET /repos/{owner}/{repo}/deployments/{deployment_id}/statuses";
    const known = await ask({ repository, route, parameters: { deployment_id: one.id, per_page: 1 }, schema: statuses });
    if (!known.ok) return known.refusal;
    if (known.value[0]?.state !== "success") continue;
    const failed = await addStatus(ask, repository, one.id, { state: "inactive", description: "Replaced by a newer deployment" });
    if (failed !== null) return failed;
  }
  return null;
}

async function addStatus(ask: Ask, repository: string, id: string, status: Readonly<Record<string, string>>): Promise<Failure | null> {
  const answer = await ask({
    repository,
    route: "POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses",
    parameters: { deployment_id: id, ...status },
    schema: created,
  });
  return answer.ok ? null : answer.refusal;
}

const ours = z.object({ greenlight: z.string() });

/** The payload comes back as the object it was, or as its JSON text, as the API's version has it. */
function ourId(payload: unknown): string | null {
  const object = typeof payload === "string" ? parsed(payload) : payload;
  const read = ours.safeParse(object);
  return read.success ? read.data.greenlight : null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Ids are numbers as text, and only grow. */
function isOlder(one: string, other: string): boolean {
  return one.length === other.length ? one < other : one.length < other.length;
}

function cut(text: string): string {
  const clean = foreignLine(text, DESCRIPTION);
  return clean.length <= DESCRIPTION ? clean : foreignLine(clean, Math.floor(DESCRIPTION / 2));
}
