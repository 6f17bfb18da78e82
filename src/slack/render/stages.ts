import type { RunCard } from "../../domain/card.ts";
import { isTerminal, type StageStatus } from "../../domain/pipeline.ts";
import type { Watched } from "../../domain/pipeline/watched.ts";
import { isNamed } from "../../domain/requirement.ts";
import { escaped, foreign, plain } from "../escape.ts";
import { LIMITS } from "../limits.ts";
import { count, duration, list, running } from "../words.ts";
import type { RenderContext } from "./drawing.ts";

const STAGE_ICONS: Readonly<Record<StageStatus, string>> = {
  queued: "white_circle",
  waiting: "white_circle",
  running: "hourglass_flowing_sand",
  passed: "white_check_mark",
  failed: "red_circle",
  cancelled: "no_entry_sign",
  skipped: "white_circle",
};

/** What decides how far the version goes: all jobs, and of the checks of other services those that an environment requires. */
export function countedStages(card: RunCard, all: readonly Watched[]): readonly Watched[] {
  const required = new Set(card.path.flatMap((entry) => entry.requires));
  return all.filter((stage) => stage.kind === "jobs" || required.has(stage.name));
}

/** One line a stage; what failed or runs is never among those left out. Checks that nothing requires are one line, if they are well. */
export function stageLines(card: RunCard, all: readonly Watched[], context: RenderContext): readonly string[] {
  const counted = new Set(countedStages(card, all));
  const { listed } = card;
  const apart = all.filter((stage) => counted.has(stage) || stage.status === "failed");
  const stages =
    listed === undefined ? apart : apart.filter((stage) => stage.status === "failed" || listed.some((name) => isNamed(stage.name, name)));
  const urgent = stages.filter((stage) => stage.status === "failed" || stage.status === "running");
  const room = Math.max(0, LIMITS.stagesListed - urgent.length);
  const calm = new Set(stages.filter((stage) => !urgent.includes(stage)).slice(0, room));
  const shown = stages.filter((stage) => calm.has(stage) || urgent.slice(0, LIMITS.stagesListed).includes(stage));
  const lines = shown.map((stage) => stageLine(stage, context));
  const hidden = stages.length - shown.length;
  const others = all.filter((stage) => !apart.includes(stage));
  return [
    ...lines,
    ...(hidden > 0 ? [`and ${hidden} more ${hidden === 1 ? "stage" : "stages"}`] : []),
    ...(listed === undefined && others.length > 0 ? [otherChecks(others)] : []),
  ];
}

function stageLine(stage: Watched, context: RenderContext): string {
  const isAllowed = stage.status === "passed" && stage.parts.some(({ status }) => status === "failed");
  const icon = isAllowed ? "warning" : STAGE_ICONS[stage.status];
  return `:${icon}: *${stageName(stage)}*${qualifier(stage)} ${stage.parts.length === 1 ? jobWords(stage, context) : partsWords(stage, context)}`;
}

function otherChecks(checks: readonly Watched[]): string {
  const open = checks.filter(({ status }) => !isTerminal(status)).length;
  const what = `*${count(checks.length, "other check")}*`;
  if (open > 0) return `:hourglass_flowing_sand: ${what} that nothing here requires, ${open} still open`;
  return `:white_check_mark: ${what} that nothing here requires`;
}

function jobWords(stage: Watched, context: RenderContext): string {
  const took = tookOf(stage);
  switch (stage.status) {
    case "queued":
      return "waits for CI";
    case "waiting":
      return "waits for a yes in CI";
    case "running":
      return stage.startedAt === null ? "running" : `running for ${running(stage.startedAt, context.now)}`;
    case "passed":
      if (stage.parts[0]?.status === "failed") return "failed, which is allowed";
      return took === null ? "passed" : `passed in ${took}`;
    case "failed":
      return took === null ? "failed" : `failed after ${took}`;
    case "cancelled":
      return "cancelled";
    case "skipped":
      return "skipped";
    default:
      return stage.status satisfies never;
  }
}

/** A matrix, or the jobs of a stage: how many are where, and what failed by name. */
function partsWords(stage: Watched, context: RenderContext): string {
  const { parts, status } = stage;
  const labels = (wanted: StageStatus) =>
    list(parts.filter((part) => part.status === wanted).map(({ label }) => escaped(plain(label, LIMITS.name) || "(no name)")));
  const number = (wanted: StageStatus) => parts.filter((part) => part.status === wanted).length;
  const took = tookOf(stage);
  switch (status) {
    case "failed":
    case "cancelled":
      return `${number(status)} of ${parts.length} ${status}: ${labels(status)}`;
    case "passed": {
      const time = took === null ? "" : ` in ${took}`;
      if (number("failed") > 0) return `passed${time}; ${labels("failed")} failed, which is allowed`;
      return number("passed") === parts.length
        ? `all ${parts.length} passed${time}`
        : `${number("passed")} of ${parts.length} passed${time}`;
    }
    case "running": {
      const time = stage.startedAt === null ? "running" : `running for ${running(stage.startedAt, context.now)}`;
      return number("passed") === 0 ? time : `${time}, ${number("passed")} of ${parts.length} passed`;
    }
    default:
      return jobWords(stage, context);
  }
}

function tookOf({ startedAt, finishedAt }: Watched): string | null {
  return startedAt === null || finishedAt === null ? null : duration(Math.max(0, finishedAt.getTime() - startedAt.getTime()));
}

/** The workflow, or who reports a check. */
function qualifier({ of }: Watched): string {
  return of === null ? "" : ` (${foreign(of, LIMITS.name)})`;
}

export function namesOf(stages: readonly Watched[]): string {
  return list(stages.map(stageName));
}

function stageName(stage: Watched): string {
  const words = plain(stage.name, LIMITS.name) || "(no name)";
  return escaped(words.charAt(0).toUpperCase() + words.slice(1));
}
