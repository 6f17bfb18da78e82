import { z } from "zod";
import type { CommitStatus } from "../ports.ts";
import type { Ask } from "./ask.ts";
import * as field from "./fields.ts";
import type { Failure } from "./wire.ts";

type Told = Parameters<CommitStatus["tell"]>[0];

/** The newest of an environment are looked at; older ones have long ended. */
const LOOKED_AT = 100;

/** How far GitLab's clock may be behind ours. */
const SKEW_MS = 30_000;

/** How many of our deployments are remembered by GitLab's id. */
const MOST_REMEMBERED = 500;

const deployment = z.object({ id: field.id, sha: z.string(), status: z.string() });
const listed = z.array(deployment.extend({ created_at: field.moment, deployable: z.unknown() }));

const STATUS: Readonly<Record<Told["state"], string | null>> = {
  // GitLab has a word for it, but takes it from nobody.
  queued: null,
  in_progress: "running",
  success: "success",
  failure: "failed",
  // The newest success of an environment is what GitLab shows as live: nothing needs to be taken back.
  inactive: null,
};

export type Deployments = { tell(told: Told): Promise<Failure | null> };

export function createDeployments(ask: Ask): Deployments {
  const remembered = new Map<string, string>();
  return {
    /** Null: told, or nothing to tell. */
    async tell(told) {
      const status = STATUS[told.state];
      if (status === null) return null;
      const known = await findOurs(ask, told, remembered.get(told.deployment) ?? null);
      if (known !== null && "because" in known) return known;
      if (known !== null) return setStatus(ask, told, known, status);
      const made = await create(ask, told, status);
      if ("because" in made) return made;
      remembered.set(told.deployment, made.id);
      for (const oldest of remembered.keys()) if (remembered.size > MOST_REMEMBERED) remembered.delete(oldest);
      return null;
    },
  };
}

/** GitLab knows no idempotency key and keeps no word of ours: when a creation went wrong it is looked whether it was made all the same. */
async function create(ask: Ask, told: Told, status: string): Promise<z.infer<typeof deployment> | Failure> {
  const made = await ask({
    repository: told.repository,
    method: "POST",
    path: ["deployments"],
    // A commit's id is a ref to GitLab, too, and says no branch that it might not be on.
    body: { environment: told.environment, sha: told.revision, ref: told.revision, tag: false, status },
    schema: deployment,
  });
  if (made.ok) return made.value;
  if (made.refusal.kind !== "away" && made.refusal.kind !== "nonsense") return made.refusal;
  const after = await findOurs(ask, told, null);
  return after === null || "because" in after ? made.refusal : after;
}

/**
 * Ours is the first of this revision and environment that came by the API after our deployment was asked for, which its id says:
 * an environment has one deployment of ours at a time.
 */
async function findOurs(ask: Ask, told: Told, id: string | null): Promise<z.infer<typeof deployment> | Failure | null> {
  const answer = await ask({
    repository: told.repository,
    path: ["deployments"],
    query: { environment: told.environment, order_by: "id", sort: "desc", per_page: LOOKED_AT },
    schema: listed,
  });
  // No such environment yet.
  if (!answer.ok) return answer.refusal.kind === "missing" ? null : answer.refusal;
  if (id !== null) return answer.value.find((one) => one.id === id) ?? null;
  const since = askedAt(told.deployment).getTime() - SKEW_MS;
  return answer.value.findLast((one) => isByApi(one.deployable) && one.sha === told.revision && one.created_at.getTime() >= since) ?? null;
}

async function setStatus(ask: Ask, told: Told, known: z.infer<typeof deployment>, status: string): Promise<Failure | null> {
  if (known.status === status) return null;
  // Effects may come late: what has ended there does not begin again.
  if (["success", "failed", "canceled"].includes(known.status) && status === "running") return null;
  const { repository } = told;
  const answer = await ask({ repository, method: "PUT", path: ["deployments", known.id], body: { status }, schema: deployment });
  return answer.ok ? null : answer.refusal;
}

function isByApi(deployable: unknown): boolean {
  return deployable === null || deployable === undefined;
}

/** The first 48 bits of a UUIDv7 are milliseconds since 1970 (RFC 9562). */
function askedAt(ours: Told["deployment"]): Date {
  return new Date(Number.parseInt(ours.replaceAll("-", "").slice(0, 12), 16));
}
