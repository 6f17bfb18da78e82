import type { PipelineEvent } from "../../src/domain/pipeline.ts";
import { normaliseGitLab } from "../../src/gitlab/normalise.ts";

export const A = "a".repeat(40);
export const MAIN = { sha: A, jobs: ["build", "unit"] };

export function told(body: unknown): readonly PipelineEvent[] {
  const read = normaliseGitLab(Buffer.from(JSON.stringify(body)));
  if (read.kind === "ignored") throw new Error(`ignored: ${read.reason}`);
  return read.events;
}

export function reason(body: unknown): string {
  const read = normaliseGitLab(Buffer.from(JSON.stringify(body)));
  return read.kind === "ignored" ? read.reason : `${read.events.length} events`;
}
