import { z } from "zod";
import { digestOf } from "../domain/digest.ts";
import type { Deployment } from "../domain/deployment.ts";
import { parseDeploymentId } from "../domain/ids.ts";
import type { AttentionWay, Pressed } from "../domain/intent.ts";

/** What a button carries, in Slack's hands: deployment, decision counter and digest. Ids only; it proves nothing by itself. */
const VALUE = z.strictObject({
  d: z.string().transform((text, context) => {
    const id = parseDeploymentId(text);
    if (id !== null) return id;
    context.addIssue({ code: "custom", message: "not a deployment id" });
    return z.NEVER;
  }),
  v: z.number().int().nonnegative(),
  h: z.string().regex(/^[0-9a-f]{16}$/u),
  /** Way out of needs_attention; only in its menu. */
  w: z.enum(["ask_hosts", "mark_live", "mark_earlier", "roll_back", "stays_broken", "take_over"]).optional(),
});

export function encodeValue(pressed: Pressed, way?: AttentionWay): string {
  return JSON.stringify({ d: pressed.deployment, v: pressed.counter, h: pressed.digest, ...(way === undefined ? {} : { w: way }) });
}

/** Null: not one of ours, or of an older version of the bot. */
export function parseValue(value: string | undefined): (Pressed & { readonly way: AttentionWay | null }) | null {
  const parsed = VALUE.safeParse(asJson(value ?? ""));
  if (!parsed.success) return null;
  const { d, v, h, w } = parsed.data;
  return { deployment: d, counter: v, digest: h, way: w ?? null };
}

/** What a presser of this deployment's card is shown now. */
export function pressedOf(deployment: Deployment): Pressed {
  return {
    deployment: deployment.id,
    counter: deployment.counter,
    digest: digestOf({ revision: deployment.revision, environment: deployment.environmentId, planHash: deployment.planHash }),
  };
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
