import { z } from "zod";

/** What a button about an environment carries, whatever is deployed there. */
export type Place = { readonly app: string; readonly environment: string };

const PLACE = z.strictObject({ a: z.string().min(1).max(40), e: z.string().min(1).max(40) });

export function encodePlace({ app, environment }: Place): string {
  return JSON.stringify({ a: app, e: environment });
}

/** Null: not one of ours. */
export function parsePlace(value: string | undefined): Place | null {
  let json: unknown;
  try {
    json = JSON.parse(value ?? "");
  } catch {
    return null;
  }
  const parsed = PLACE.safeParse(json);
  return parsed.success ? { app: parsed.data.a, environment: parsed.data.e } : null;
}
