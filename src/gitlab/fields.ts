import { z } from "zod";
import { foreignLine, foreignTitle, isOfOurTime } from "../domain/foreign.ts";
import { parseSha } from "../domain/ids.ts";
import type { Sha } from "../domain/ids.ts";
import type { Author } from "../domain/people.ts";

/** How the fields of GitLab's bodies and answers are read: only what is used, each in a strict form, foreign text cleaned. */

/** A full commit id. */
export const sha = z.string().transform((text, context): Sha => {
  const parsed = parseSha(text);
  if (parsed !== null) return parsed;
  context.addIssue({ code: "custom", message: "is no full commit id" });
  return z.NEVER;
});

export const shaOrNull = z
  .string()
  .transform((text) => (/^0{40}$/.test(text) ? null : parseSha(text)))
  .nullable()
  .catch(null);

/** Numeric id as text. Above 2^53 digits are lost in parsing: refused. */
export const id = z.int().nonnegative().transform(String);
export const idOrNull = z.int().nonnegative().transform(String).nullable().catch(null);

/** `acme/web/shop`: groups may be nested. */
export const projectPath = z
  .string()
  .max(500)
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]*(\/[A-Za-z0-9_][A-Za-z0-9_.-]*)+$/);

/** A page to link to; never fetched. */
export const page = z.string().max(2000).refine(isPage, "is no web address");
export const pageOrNull = z.string().max(2000).refine(isPage).nullable().catch(null);

/** GitLab writes `2016-08-12 15:23:28 UTC`, `2021-04-28 21:50:00 +0200` and ISO 8601. */
const MOMENT = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d(?:\.\d{1,9})?) ?(Z|UTC|[+-]\d\d:?\d\d)$/;

/** A moment a database can store and a person can mean. */
export const moment = z.string().transform((text, context): Date => {
  const [, day = "", time = "", zone = ""] = MOMENT.exec(text) ?? [];
  const at = new Date(`${day}T${time}${zone === "UTC" ? "Z" : zone.replace(/^([+-]\d\d)(\d\d)$/, "$1:$2")}`);
  if (isOfOurTime(at)) return at;
  context.addIssue({ code: "custom", message: "is no date of our time" });
  return z.NEVER;
});

export const momentOrNull = moment.nullable().catch(null);

/** A short piece of foreign text: one line, no control characters, at most 200 characters. */
export const line = z.string().transform((text) => foreignLine(text));

/** What is empty is as good as absent. */
export const lineOrNull = z
  .string()
  .transform((text) => foreignLine(text) || null)
  .nullable()
  .catch(null);

/** `[REDACTED]`, which GitLab sends for addresses that are private, is none. */
export const emailOrNull = z
  .string()
  .max(320)
  .regex(/^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+$/u)
  .nullable()
  .catch(null);

/** GitLab's username. */
export const usernameOrNull = z
  .string()
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,254}$/)
  .nullable()
  .catch(null);

/** A branch as git allows it, as far as it matters here: no control character, no space, no lone surrogate. */
export const branch = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[^\s\p{Cc}\p{Cs}~^:?*[\\]+$/u);

/** First line of a commit's message. */
export const title = z.string().transform(foreignTitle);

/** The username stands in for a missing name. `slackId` is found later, from the e-mail or the mapping of people. */
export function authorOf(name: string | null, email: string | null, login: string | null): Author {
  return { name: name ?? login ?? email ?? "unknown", email, login, slackId: null };
}

function isPage(text: string): boolean {
  return /^https?:\/\/[^\s\p{Cc}\p{Cs}]+$/u.test(text) && URL.canParse(text);
}
