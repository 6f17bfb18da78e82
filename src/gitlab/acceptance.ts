import { z } from "zod";
import type { Acceptances, StartedRun } from "../domain/acceptance.ts";
import type { Ask } from "./ask.ts";

const made = z.object({ id: z.int().transform(String), web_url: z.string().nullable() });

/** Starts a pipeline on the branch; what it is told are variables, in capitals as is the custom there. */
export async function startAcceptance(ask: Ask, wish: Parameters<Acceptances["startAcceptance"]>[0]): Promise<StartedRun> {
  const { repository, branch, inputs } = wish;
  const variables = Object.entries(inputs).map(([name, value]) => ({ key: `GREENLIGHT_${name.toUpperCase()}`, value }));
  const answer = await ask({ repository, method: "POST", path: ["pipeline"], body: { ref: branch, variables }, schema: made });
  if (!answer.ok) return { kind: "refused", because: answer.refusal.because };
  return { kind: "started", workflowRun: answer.value.id, url: answer.value.web_url };
}
