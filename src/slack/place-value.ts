import { z } from "zod";

/** What a button about an environment carries, whatever is deployed there. */
export type Place = { readonly app: string; readonly environment: string };

/** As long as a name may be in the configuration. */
const MOST = 40;
const PLACE = z.strictObject({ a: z.string().min(1).max(MOST), e: z.string().min(1).max(MOST) });

export function encodePlace({ app, environment }: Place): string {
  return JSON.stringify({ a: named(app), e: named(environment) });
}

/** No other characters are in names of the configuration; nothing else gets into a value. */
function named(name: string): string {
  return name.replace(/[^\w.-]/gu, "").slice(0, MOST);
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
