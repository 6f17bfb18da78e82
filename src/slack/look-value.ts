import { z } from "zod";

/** What the buttons carry where people look: place and revision; of the menu, what to do with the place. It proves nothing by itself. */
const VALUE = z.strictObject({
  a: z.string().min(1).max(40),
  e: z.string().min(1).max(40),
  r: z
    .string()
    .regex(/^[0-9a-f]{40}$/u)
    .optional(),
  w: z.enum(["hold", "release"]).optional(),
});

export type LookWay = "hold" | "release";
export type LookValue = {
  readonly app: string;
  readonly environment: string;
  readonly revision: string | null;
  readonly way: LookWay | null;
};

/** A menu's value holds 150 characters: no revision then. */
export function encodeLook(
  place: { readonly app: string; readonly environment: string },
  rest: { readonly revision: string } | { readonly way: LookWay },
): string {
  return JSON.stringify({
    a: nameOf(place.app),
    e: nameOf(place.environment),
    ...("way" in rest ? { w: rest.way } : { r: rest.revision }),
  });
}

/** A configured name has these characters and is at most this long; anything else names nothing. */
function nameOf(name: string): string {
  return name.replaceAll(/[^a-z0-9._-]/gu, "").slice(0, 40) || "-";
}

/** Null: not one of ours, or of an older version of the bot. */
export function parseLook(value: string | undefined): LookValue | null {
  try {
    const parsed = VALUE.safeParse(JSON.parse(value ?? ""));
    if (!parsed.success) return null;
    const { a, e, r, w } = parsed.data;
    return { app: a, environment: e, revision: r ?? null, way: w ?? null };
  } catch {
    return null;
  }
}
