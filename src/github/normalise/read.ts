import type { z } from "zod";
import type { PipelineEvent } from "../../domain/pipeline.ts";

/** What a delivery says, in our words; what is ignored says why, without any foreign text. */
export type Normalised =
  | { readonly kind: "events"; readonly events: readonly PipelineEvent[] }
  | { readonly kind: "ping" }
  | { readonly kind: "ignored"; readonly reason: string };

/** Reads the body of an event by its schema. Never throws: a body that does not fit is ignored. */
export function read<Schema extends z.ZodType>(
  event: string,
  schema: Schema,
  body: Uint8Array,
  normalise: (fields: z.infer<Schema>) => Normalised,
): Normalised {
  try {
    const parsed = schema.safeParse(JSON.parse(new TextDecoder().decode(body)));
    if (parsed.success) return normalise(parsed.data);
    const where = parsed.error.issues[0]?.path.join(".") ?? "";
    return ignored(`the body does not fit the event ${event}${where === "" ? "" : `: ${where} is missing or has another form`}`);
  } catch {
    // JSON.parse and deep nesting are the only ways to get here; both are the sender's doing.
    return ignored(`the body of the event ${event} is not JSON that can be read`);
  }
}

export function told(event: PipelineEvent): Normalised {
  return { kind: "events", events: [event] };
}

export function ignored(reason: string): Normalised {
  return { kind: "ignored", reason };
}
