import { z } from "zod";
import { encodePlace, parsePlace, type Place } from "./place-value.ts";

/** What the menu beside an environment on the Home tab may do. */
const WAYS = ["deploy", "roll_back", "history", "lock", "unlock", "ask_unlock", "freeze"] as const;
export type HomeWay = (typeof WAYS)[number];

/** Stands for all apps where a name of one is asked; no app can be called so. */
export const ALL_APPS = "*";

/** What a button about one's messages carries. No other characters are in names of the configuration; nothing else gets into a value. */
export function encodeApp(app: string | null): string {
  return app === null ? ALL_APPS : app.replace(/[^\w.-]/gu, "").slice(0, 40) || "-";
}

/** Null: all apps. */
export function parseApp(value: string): string | null {
  return value === ALL_APPS ? null : value;
}

const WAY = z.object({ w: z.enum(WAYS), p: z.string() });

/** An option's value holds 150 characters: two names of 40 and a word. */
export function encodeHome(place: Place, way: HomeWay): string {
  return `${way} ${encodePlace(place)}`;
}

/** Null: not one of ours, or of an older version of the bot. */
export function parseHome(value: string | undefined): { readonly place: Place; readonly way: HomeWay } | null {
  const [w, ...rest] = (value ?? "").split(" ");
  const parsed = WAY.safeParse({ w, p: rest.join(" ") });
  const place = parsed.success ? parsePlace(parsed.data.p) : null;
  return parsed.success && place !== null ? { place, way: parsed.data.w } : null;
}
