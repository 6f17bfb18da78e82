import { z } from "zod";
import { foreignLine, foreignTitle, isOfOurTime } from "../domain/foreign.ts";
import { parseSha } from "../domain/ids.ts";
import type { Sha } from "../domain/ids.ts";

/** How the fields of GitHub's bodies and answers are read: only what is used, each in a strict form, foreign text cleaned. */

/** A full commit id. */
export const sha = z.string().transform((text, context): Sha => {
  const parsed = parseSha(text);
  if (parsed !== null) return parsed;
  context.addIssue({ code: "custom", message: "is no full commit id" });
  return z.NEVER;
});

/** Numeric id as text. A webhook's ids above 2^53 have lost digits when parsed, so they are refused; the API client keeps them. */
export const id = z.union([z.int().nonnegative(), z.bigint().nonnegative()]).transform(String);

export const attempt = z.int().min(1).max(1_000_000);

/** `acme/shop`. */
export const repositoryName = z.string().regex(/^[A-Za-z0-9._-]{1,100}\/[A-Za-z0-9._-]{1,100}$/);

/** A page to link to; never fetched. */
export const page = z.string().max(2000).refine(isPage, "is no web address");

export const pageOrNull = z.string().max(2000).refine(isPage).nullable().catch(null);

/** A moment a database can store and a person can mean. */
export const moment = z
  .string()
  .max(40)
  .transform((text, context): Date => {
    const at = new Date(text);
    if (isOfOurTime(at)) return at;
    context.addIssue({ code: "custom", message: "is no date of our time" });
    return z.NEVER;
  });

export const momentOrNull = moment.nullable().catch(null);

/** A short piece of foreign text: one line, no control characters, at most 200 characters. */
export const line = z.string().transform((text) => foreignLine(text));

export const lineOrNull = z
  .string()
  .transform((text) => foreignLine(text) || null)
  .nullable()
  .catch(null);

export const emailOrNull = z
  .string()
  .max(320)
  .regex(/^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+$/u)
  .nullable()
  .catch(null);

/** GitHub's login; bots end in `[bot]`. */
export const login = z.string().regex(/^[A-Za-z0-9_-]{1,100}(\[bot\])?$/);
export const loginOrNull = login.nullable().catch(null);

/** A branch as git allows it, as far as it matters here: no control character, no space, no lone surrogate. */
export const branch = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[^\s\p{Cc}\p{Cs}~^:?*[\\]+$/u);
export const branchOrNull = branch.nullable().catch(null);

/** First line of a commit's message. */
export const title = z.string().transform(foreignTitle);

/** Several lines of foreign text: no control characters but line ends, at most that many characters. */
export function cleanText(text: string, length: number): string {
  return text
    .slice(0, length)
    .toWellFormed()
    .replaceAll(/\r\n?|[\u2028\u2029]/g, "\n")
    .replaceAll(/[^\P{Cc}\n]+/gu, " ");
}

function isPage(text: string): boolean {
  return /^https?:\/\//.test(text) && URL.canParse(text);
}
