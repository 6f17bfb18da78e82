import { z } from "zod";
import type { Gates } from "../ports.ts";
import type { Ask } from "./ask.ts";

type Answered = Parameters<Gates["answerGate"]>[0];

/**
 * Answers our custom deployment protection rule. The address is made of the run's id and our own API's address: the one in the payload
 * is the sender's word. A second answer changes nothing there, and what does not wait any more is refused with 404 or 422.
 */
export async function answerGate(ask: Ask, answer: Answered): Promise<"answered" | "over" | "not answered"> {
  const { repository, workflowRun, environment, state, comment } = answer;
  const told = await ask({
    repository,
    route: "POST /repos/{owner}/{repo}/actions/runs/{run_id}/deployment_protection_rule",
    parameters: { run_id: workflowRun, environment_name: environment, state, comment },
    schema: z.unknown(),
  });
  if (told.ok) return "answered";
  return told.refusal.kind === "missing" ? "over" : "not answered";
}
