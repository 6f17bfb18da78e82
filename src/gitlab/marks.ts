import { z } from "zod";
import { foreignLine } from "../domain/foreign.ts";
import type { CommitStatus } from "../ports.ts";
import type { Ask } from "./ask.ts";
import type { Failure } from "./wire.ts";

type Mark = Parameters<CommitStatus["mark"]>[0];

const STATE = { pending: "pending", success: "success", failure: "failed" } as const;

const status = z.object({
  id: z.int(),
  status: z.string(),
  description: z.string().nullable().default(null),
  target_url: z.string().nullable().default(null),
});

/**
 * A commit status. GitLab makes it a job of the pipeline of that ref, whose state follows it: under a ref of its own it is a
 * pipeline of its own, and CI's stays green while a deployment waits for its approval. Null: told, or already known there.
 */
export async function markCommit(ask: Ask, mark: Mark): Promise<Failure | null> {
  const { repository, revision, context, url } = mark;
  const description = foreignLine(mark.description, 140);
  const known = await ask({
    repository,
    path: ["repository", "commits", revision, "statuses"],
    query: { ref: context, name: context, per_page: 100 },
    schema: z.array(status),
  });
  if (!known.ok) return known.refusal;
  const last = known.value.toSorted((one, other) => one.id - other.id).at(-1);
  const state = STATE[mark.state];
  if (last !== undefined && last.status === state && (last.description ?? "") === description && last.target_url === url) return null;
  const words = { ref: context, name: context, description, ...(url === null ? {} : { target_url: url }) };
  const set = (to: string) =>
    ask({ repository, method: "POST", path: ["statuses", revision], body: { state: to, ...words }, schema: status });
  if (last?.status === state && state === STATE.pending) {
    // What waits gets no other words there (400, "Cannot transition status via :enqueue from :pending"): it is ended first.
    const ended = await set("canceled");
    if (!ended.ok) return ended.refusal;
  }
  const told = await set(state);
  return told.ok ? null : told.refusal;
}
