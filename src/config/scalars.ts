import { isIPv6 } from "node:net";
import { posix } from "node:path";
import { IANAZone } from "luxon";
import { z } from "zod";
import type { PersonRef } from "../domain/config.ts";
import { choiceInstead, nearest } from "./nearest.ts";

// The message of every shape is what to write instead; what the file says is told by `findings.ts`.

/** One line of text. Control characters and those that turn the reading direction have no place in a configuration. */
export function text(write: string) {
  return z.string({ error: write }).regex(/^[^\p{Cc}\u202A-\u202E\u2066-\u2069]+$/u, { error: write });
}

export function pattern(regex: RegExp, write: string) {
  return z.string({ error: write }).regex(regex, { error: write });
}

/** One word of a closed list; a near miss is told which one was probably meant. */
export function oneOf<const Words extends readonly [string, ...string[]]>(words: Words) {
  return z.enum(words, { error: ({ input }) => choiceInstead(input, words) });
}

/** A map with exactly these keys. Its messages for unknown keys are one line per key, in the order of the keys. */
export function section<Shape extends z.ZodRawShape>(shape: Shape, write: string) {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) => (issue.code === "unrecognized_keys" ? issue.keys.map((key) => knownKeys(key, known)).join("\n") : write),
  });
}

function knownKeys(key: string, known: readonly string[]): string {
  if (key === "<<") return "the keys themselves: merging by `<<` is not supported";
  const near = nearest(key, known);
  return `${near === null ? "" : `\`${near}\`, or another `}${near === null ? "one " : ""}of the keys known here: ${known.join(", ")}`;
}

export function list<Item extends z.ZodType>(item: Item, write: string) {
  return z.array(item, { error: write }).min(1, { error: write });
}

/** A count within limits. */
export function wholeNumber(example: string, limits: { readonly least: number; readonly most: number }) {
  const write = `a whole number from ${limits.least} to ${limits.most}, as in \`${example}\``;
  return z.int({ error: write }).min(limits.least, { error: write }).max(limits.most, { error: write });
}

const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `90s`, `10m`, `24h`, `7d` as milliseconds, from `least` to 30 days. */
export function duration(example: string, least: { readonly ms: number; readonly text: string }) {
  const write = `a duration such as \`${example}\` (s, m, h or d; from ${least.text} to 30d)`;
  return pattern(/^\d{1,7}[smhd]$/, write)
    .transform(durationMs)
    .refine((ms) => ms >= least.ms && ms <= 30 * 86_400_000, { error: write });
}

function durationMs(words: string): number {
  return Number(words.slice(0, -1)) * (UNIT_MS[words.slice(-1)] ?? Number.NaN);
}

/** A wall-clock time; `24:00` is the end of the day and so never a beginning. */
export function timeOfDay(edge: "from" | "to") {
  const [regex, example] = edge === "from" ? [/^([01]\d|2[0-3]):[0-5]\d$/, "15:00"] : [/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, "24:00"];
  return pattern(regex, `a time of day with four digits, as in \`${edge}: "${example}"\``);
}

export function timezone() {
  return z
    .string({ error: timezoneInstead })
    .refine((zone) => /^[A-Za-z]/.test(zone) && IANAZone.isValidZone(zone), { error: timezoneInstead });
}

function timezoneInstead({ input }: { readonly input?: unknown }): string {
  const near = typeof input === "string" ? nearest(input, Intl.supportedValuesOf("timeZone")) : null;
  return near === null
    ? "a time zone of the IANA list, such as `Europe/Brussels` or `UTC`"
    : `\`${near}\`, or another time zone of the IANA list`;
}

export const PERSON_WRITE =
  "`@handle` of a user group, a Slack id (`U0123ABCD`) or an e-mail address; anybody can change a display name, so it proves nothing";

/** Who may: never a display name. */
export function personRef() {
  return z.string({ error: PERSON_WRITE }).transform((words, context): PersonRef => {
    const ref = parsePerson(words);
    if (ref !== null) return ref;
    context.addIssue({ code: "custom", message: PERSON_WRITE });
    return z.NEVER;
  });
}

const EMAIL = /^[^\s@<>|"]+@[^\s@<>|"]+\.[^\s@<>|"]+$/;

function parsePerson(words: string): PersonRef | null {
  if (/^@[\p{Ll}\p{Lo}\p{N}][\p{Ll}\p{Lo}\p{M}\p{N}._-]{0,79}$/u.test(words)) return { kind: "group", handle: words };
  if (/^[UW][A-Z0-9]{2,20}$/.test(words)) return { kind: "id", id: words };
  return EMAIL.test(words) ? { kind: "email", email: words.toLowerCase() } : null;
}

export function email() {
  return pattern(EMAIL, "an e-mail address, such as `ann@acme.test`").transform((words) => words.toLowerCase());
}

/** An address a browser can open, without a password in it: it is shown to people. */
export function webAddress(example: string) {
  const write = `an http or https address without a user or password, such as \`${example}\``;
  return z.string({ error: write }).refine(isWebAddress, { error: write });
}

function isWebAddress(words: string): boolean {
  if (!/^https?:\/\/[^\s\\]+$/.test(words) || !URL.canParse(words)) return false;
  const url = new URL(words);
  return url.username === "" && url.password === "";
}

/** Absolute or below the user's home, and never the whole disk or home: `rm` and `git clean` may be run in it. */
export function directory() {
  const write = "an absolute folder, such as `/srv/shop` or `~/shop`; not `/`, not `~`, no `..`";
  return text(write).transform((words, context) => {
    const folder = posix.normalize(words).replace(/\/$/, "");
    if (/^(\/[^/]|~\/.)/.test(folder) && !words.split("/").includes("..")) return folder;
    context.addIssue({ code: "custom", message: write });
    return z.NEVER;
  });
}

const HOST_NAME = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,62}\.)*[a-z0-9-]{0,62}[a-z0-9]$|^[a-z0-9]$/i;

/** A host name or address as `ssh` takes it, lower case, IPv6 without brackets; null if it is neither. */
export function hostAddress(words: string): string | null {
  const bare = words.startsWith("[") && words.endsWith("]") ? words.slice(1, -1) : words;
  if (isIPv6(bare)) return bare.toLowerCase();
  return HOST_NAME.test(words) ? words.toLowerCase() : null;
}

/** Below a checkout or a release: no way out of it, and nothing that a program could take for an option. */
export function relativePath(write: string) {
  return text(write).refine(
    (words) =>
      !/^[-/~]/.test(words) &&
      words
        .replace(/\/$/, "")
        .split("/")
        .every((part) => part !== "" && part !== "." && part !== ".."),
    { error: write },
  );
}
