import { z } from "zod";
import type { Acceptances, StartedRun } from "../domain/acceptance.ts";
import type { Ask } from "./ask.ts";
import * as field from "./fields.ts";

/** GitHub says which run it made since 2026; older servers answer with nothing. */
const started = z.object({ workflow_run_id: field.id, html_url: z.string() });
const answered = z.union([started, z.undefined(), z.null(), z.literal("")]);

/** Starts a workflow on the branch. It has to declare the inputs, or GitHub refuses it. */
export async function startAcceptance(ask: Ask, wish: Parameters<Acceptances["startAcceptance"]>[0]): Promise<StartedRun> {
  const { repository, start, branch, inputs } = wish;
  const answer = await ask({
    repository,
    route: "POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches",
    parameters: { workflow_id: start, ref: branch, inputs, return_run_details: true },
    schema: answered,
  });
  if (!answer.ok && answer.refusal.kind === "missing") {
    const wanted = `\`workflow_dispatch\` with the inputs ${Object.keys(inputs).join(", ")}`;
    return { kind: "refused", because: `GitHub does not start ${start} on ${branch}: it needs ${wanted}, and our token Actions: write` };
  }
  if (!answer.ok) return { kind: "refused", because: answer.refusal.because };
  const run = answer.value;
  if (run === undefined || run === null || run === "") return { kind: "started", workflowRun: null, url: null };
  return { kind: "started", workflowRun: run.workflow_run_id, url: run.html_url };
}
