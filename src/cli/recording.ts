import { z } from "zod";
import { readYaml } from "../config/yaml-source.ts";
import type { RecordedPoint, RecordedWatch } from "../domain/verdict/recorded.ts";
import { ok, refuse } from "../domain/result.ts";
import type { Result } from "../domain/result.ts";

/** A fault names the line of the file and the path in its JSON. */
export type RecordingFault = { readonly line: number; readonly path: string; readonly says: string };

/** Looks of one watch: a week of one each ten seconds has fewer. Each is judged, so a slip in `interval_s` would fill the memory. */
const MOST_LOOKS = 100_000;

const count = z.int().min(0);
const known = { exposure: z.number().min(0).nullish(), events: count, users: count.nullish() };
const issue = z.object({
  id: z.union([z.string(), z.number()]),
  events: count,
  users: count.nullish(),
  unhandled: z.boolean().default(false),
});
const watch = z
  .object({
    interval_s: z.number().positive(),
    watch_s: z.number().positive(),
    baseline: z.array(z.object({ t: z.number().max(0), ...known })),
    after: z.array(z.object({ t: z.number().positive(), ...known, new_issues: z.array(issue).default([]) })),
  })
  .check(({ value, issues }) => {
    const complain = (path: (string | number)[], message: string) => issues.push({ code: "custom", input: value, path, message });
    for (const side of ["baseline", "after"] as const) {
      const late = value[side].findIndex((point, index) => index > 0 && point.t <= (value[side][index - 1]?.t ?? 0));
      if (late > 0) complain([side, late, "t"], "is not later than the point before");
    }
    if (value.watch_s < value.interval_s) complain(["watch_s"], "is shorter than one interval");
    if (value.watch_s / value.interval_s > MOST_LOOKS) complain(["interval_s"], `makes more than ${MOST_LOOKS} looks of the watch`);
    const over = value.after.findIndex((point) => point.t > value.watch_s);
    if (over >= 0) complain(["after", over, "t"], "is after the end of the watch");
  })
  .transform((file): RecordedWatch => ({
    intervalS: file.interval_s,
    watchS: file.watch_s,
    baseline: file.baseline.map(pointOf),
    after: file.after.map((point) => ({
      ...pointOf(point),
      newIssues: point.new_issues.map((one) => ({ ...one, id: String(one.id), users: one.users ?? null })),
    })),
  }));

type Point = {
  readonly t: number;
  readonly exposure?: number | null | undefined;
  readonly events: number;
  readonly users?: number | null | undefined;
};

function pointOf(point: Point): RecordedPoint {
  return { t: point.t, exposure: point.exposure ?? null, events: point.events, users: point.users ?? null };
}

/** Watches from JSON (one, or a list) or from JSON Lines, one a line; or the first fault. */
export function readRecording(text: string): Result<readonly RecordedWatch[], RecordingFault> {
  const whole = parsed(text);
  if (whole === null) return readLines(text);
  const list = Array.isArray(whole.value) ? whole.value : [whole.value];
  const watches: RecordedWatch[] = [];
  for (const [index, value] of list.entries()) {
    const read = watch.safeParse(value);
    if (!read.success) {
      const { path, says } = faultOf(read.error);
      const full = Array.isArray(whole.value) ? [index, ...path] : path;
      return refuse({ line: lineOf(text, full), path: pathText(full), says });
    }
    watches.push(read.data);
  }
  return ok(watches);
}

function readLines(text: string): Result<readonly RecordedWatch[], RecordingFault> {
  const watches: RecordedWatch[] = [];
  const lines = text.split("\n");
  const isLines = lines.filter((line) => line.trim() !== "").length > 1 && parsed(lines.find((line) => line.trim() !== "") ?? "") !== null;
  for (const [index, line] of lines.entries()) {
    if (line.trim() === "") continue;
    const value = parsed(line);
    // A file whose first line is no JSON by itself is one broken document.
    if (value === null) return refuse({ line: isLines ? index + 1 : brokenLine(text), path: "$", says: "is no JSON" });
    const read = watch.safeParse(value.value);
    if (!read.success) {
      const { path, says } = faultOf(read.error);
      return refuse({ line: index + 1, path: pathText(path), says });
    }
    watches.push(read.data);
  }
  return watches.length === 0 ? refuse({ line: 1, path: "$", says: "holds no watch" }) : ok(watches);
}

function parsed(text: string): { readonly value: unknown } | null {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return null;
  }
}

/** V8 names the place in its message; a document that ends too early is broken at its end. */
function brokenLine(text: string): number {
  try {
    JSON.parse(text);
  } catch (fault) {
    const { position } = /at position (?<position>\d+)/u.exec(String(fault))?.groups ?? {};
    return text.slice(0, position === undefined ? text.trimEnd().length : Number(position)).split("\n").length;
  }
  return 1;
}

function faultOf(error: z.ZodError): { readonly path: readonly (string | number)[]; readonly says: string } {
  const [first] = error.issues;
  const path = (first?.path ?? []).map((part) => (typeof part === "number" ? part : String(part)));
  return { path, says: first?.code === "custom" ? first.message : (first?.message ?? "has another form").replace(/^Invalid input: /u, "") };
}

function pathText(path: readonly (string | number)[]): string {
  return path.reduce<string>((text, part) => (typeof part === "number" ? `${text}[${part}]` : `${text}.${part}`), "$");
}

/** JSON is YAML too, and the configuration's reader knows where each key stands. */
function lineOf(text: string, path: readonly (string | number)[]): number {
  return readYaml(text).place([...path], "value").line;
}
