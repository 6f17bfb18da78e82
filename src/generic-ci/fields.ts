import { z } from "zod";
import { foreignLine, isOfOurTime } from "../domain/foreign.ts";
import { parseSha, type Sha } from "../domain/ids.ts";

/** How the fields of `/webhooks/ci` are read. What a sender must mend is said as `FIELD must be ...`: these are the words after the name. */

export const sha = z
  .string({ error: "must be a full commit id of 40 hex digits" })
  .regex(/^[0-9a-fA-F]{40}$/, { error: "must be a full commit id of 40 hex digits" })
  .transform((text, context): Sha => {
    const parsed = parseSha(text.toLowerCase());
    if (parsed !== null) return parsed;
    context.addIssue({ code: "custom", message: "must be a full commit id of 40 hex digits" });
    return z.NEVER;
  });

/** An id of the sender's: text, or a number that lost no digits. */
export const id = z
  .union([z.string().regex(/^[^\p{Cc}\p{Cs}]{1,100}$/u), z.int().nonnegative()], {
    error: "must be an id: a text of at most 100 characters, or a number",
  })
  .transform(String);

/** One line for people; longer ones are cut. */
export const line = z
  .string({ error: "must be a text" })
  .min(1, { error: "must be a text that is not empty" })
  .max(10_000, { error: "must be a text of at most 10000 characters" })
  .transform((text) => foreignLine(text.trimStart()) || "(empty)");

const COUNT = "must be a whole number, 0 or more";

export const count = z.int({ error: COUNT }).min(0, { error: COUNT }).max(10_000_000, { error: COUNT });

export const page = z
  .string({ error: "must be an address that begins with https:// or http://" })
  .max(2000, { error: "must be an address of at most 2000 characters" })
  .regex(/^https?:\/\/[^\s\p{Cc}]+$/u, { error: "must be an address that begins with https:// or http://" })
  .refine((text) => URL.canParse(text), { error: "must be an address that begins with https:// or http://" });

const MOMENT = "must be a moment as in 2026-03-02T09:10:00Z";

export const moment = z
  .string({ error: MOMENT })
  .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})$/, { error: MOMENT })
  .transform((text, context): Date => {
    const at = new Date(text);
    if (isOfOurTime(at)) return at;
    context.addIssue({ code: "custom", message: `${MOMENT}, of our time` });
    return z.NEVER;
  });

/** A branch as git allows it, as far as it matters here. */
export const branch = z
  .string({ error: "must be a branch by its short name, as in main" })
  .max(255, { error: "must be a branch of at most 255 characters" })
  .regex(/^(?!refs\/)[^\s\p{Cc}\p{Cs}~^:?*[\\]+$/u, { error: "must be a branch by its short name, as in main" });
