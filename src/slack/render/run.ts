import type { ObservedHere, PathEntry, RunCard } from "../../domain/card.ts";
import type { Author } from "../../domain/people.ts";
import { isTerminal, type Workflow } from "../../domain/pipeline.ts";
import { brokenOf, watchedOf, type Watched } from "../../domain/pipeline/watched.ts";
import { isLookDue } from "../../domain/validation.ts";
import { escaped, foreign, link, plain } from "../escape.ts";
import { LIMITS } from "../limits.ts";
import { clock, list, progress } from "../words.ts";
import { linkButton } from "./blocks.ts";
import { compareButton } from "./buttons.ts";
import type { Drawing, RenderContext, Tone } from "./drawing.ts";
import { quietLine } from "./quiet.ts";
import { drawLook, validatedLine, type Look } from "./look.ts";
import { changeCount, changesList, code } from "./parts.ts";
import { countedStages, namesOf, stageLines } from "./stages.ts";
import { stateWords } from "./state-words.ts";
import { testFigures, testLines, unaskedLine } from "./tests.ts";

/** A revision on its way through CI: one line a stage, one line an environment. */
export function drawRun(card: RunCard, context: RenderContext): Drawing {
  const all = watchedOf(card.run);
  const stages = countedStages(card, all);
  const look = lookOf(card, all, context);
  if (look !== null) return drawLook(look, context);
  const state = stateOf(card, stages, context);
  const url = card.run.workflows.findLast((workflow) => workflow.url !== null)?.url ?? null;
  return {
    title: `${state.title}: ${shortName(card.app)}, ${changeCount(card.changes, { first: card.live === null && !card.changes.complete })}`,
    tone: state.tone,
    fact: state.fact,
    next: state.next,
    body: [
      {
        kind: "lines",
        lines: [
          ...stageLines(card, all, context),
          ...testLines(card.run),
          quietLine(card, context),
          ...card.path.map((entry) => pathLine(entry, context)),
          card.validation === null || card.validation.said.length === 0 ? null : validatedLine(card.validation, context),
        ],
      },
      changesList(card.changes, "What changes"),
    ],
    detail: detailOf(card, context),
    buttons: [
      linkButton({ action: "link_run", label: "Open the run", url }),
      compareButton(card.changes.compareUrl ?? card.run.push?.compareUrl ?? null),
    ],
    blockId: "act:run",
  };
}

function detailOf(card: RunCard, context: RenderContext): readonly (string | null)[] {
  return [
    pushed(card, context),
    unaskedLine(card.run),
    card.live === null ? null : `Live now: ${code(card.live.revision)}, since ${clock(card.live.since, context.now)}.`,
  ];
}

/** All that the next environment requires is there but a person's word: then that is what this card is for. */
function lookOf(card: RunCard, all: readonly Watched[], context: RenderContext): Look | null {
  const { app, validation: view, changes } = card;
  if (!isLookDue(view)) return null;
  const passed = countedStages(card, all).filter((stage) => stage.status === "passed").length;
  const others = all.filter((stage) => stage.status !== "passed");
  const figures = testFigures(card.run);
  const tests =
    passed === 0
      ? null
      : `:white_check_mark: *Tests:* ${passed === 1 ? "1 stage" : `${passed} stages`} passed${figures === null ? "" : `; ${figures}`}`;
  const newer = card.supersededBy === null ? null : `:arrows_counterclockwise: *Newer:* ${code(card.supersededBy)} is on its way`;
  return {
    app,
    view,
    changes,
    lines: [tests, ...stageLines(card, others, context), newer],
    detail: detailOf(card, context),
    more: [],
    blockId: "act:run",
  };
}

type RunState = { readonly title: string; readonly tone: Tone; readonly fact: string; readonly next: string | null };

function stateOf(card: RunCard, stages: readonly Watched[], context: RenderContext): RunState {
  const failed = stages.filter((stage) => stage.status === "failed");
  const cancelled = stages.filter((stage) => stage.status === "cancelled");
  if (failed.length > 0) {
    return {
      title: "Tests failed",
      tone: "red_circle",
      fact: `${namesOf(failed)} failed.`,
      next: `${reach(card)} ${notFurther(card)}`.trim(),
    };
  }
  const broken = brokenOf(card.run);
  const [refused] = broken.filter(({ status }) => status === "failed");
  if (refused !== undefined) {
    const where = refused.jobs.length === 0 ? "before any stage of it began" : "in CI";
    return {
      title: "Tests failed",
      tone: "red_circle",
      fact: `${workflowName(refused)} failed ${where}.`,
      next: `${reach(card)} ${notFurther(card)}`.trim(),
    };
  }
  if (card.supersededBy !== null) {
    return { title: "Overtaken", tone: "white_circle", fact: `The newer ${code(card.supersededBy)} took its place.`, next: reach(card) };
  }
  const isStarting = card.run.workflows.every(({ status }) => !isTerminal(status));
  if (stages.length === 0 && isStarting)
    return { title: "Pushed", tone: "hourglass_flowing_sand", fact: "Waiting for CI to start.", next: reach(card) };
  if (stages.some((stage) => !stage.isOver)) return testing(card, stages, context);
  if (cancelled.length > 0 || broken.length > 0) {
    const what = cancelled.length > 0 ? namesOf(cancelled) : list(broken.map(workflowName));
    return { title: "Tests cancelled", tone: "white_circle", fact: `${what} cancelled in CI.`, next: reach(card) };
  }
  return { ...passedOf(stages), next: reach(card) };
}

/** All is over and nothing is bad, which is not yet that all has passed. */
function passedOf(stages: readonly Watched[]): Omit<RunState, "next"> {
  const passed = stages.filter(({ status }) => status === "passed").length;
  if (passed === 0) return { title: "Nothing tested", tone: "white_circle", fact: "CI ended, and no stage of it ran." };
  const all = stages.length === 1 ? "The one stage" : `All ${stages.length} stages`;
  const fact =
    passed === stages.length ? `${all} passed so far.` : `${passed} of ${stages.length} stages passed so far; the others did not run.`;
  return { title: "Tests passed", tone: "white_check_mark", fact };
}

function workflowName({ name }: Workflow): string {
  return name === null ? "CI" : foreign(name, LIMITS.name);
}

function testing(card: RunCard, stages: readonly Watched[], context: RenderContext): RunState {
  const busy = stages.filter((stage) => stage.status === "running");
  const [first] = busy;
  const calm = `${reach(card)} Nobody has to do anything.`;
  if (first === undefined) return { title: "Testing", tone: "hourglass_flowing_sand", fact: "The next stage waits for CI.", next: calm };
  const spent = progress(first.startedAt, card.usualMs[first.name] ?? null, context.now);
  const names = namesOf(busy);
  const verb = busy.length > 1 || names.endsWith("s") ? "are" : "is";
  const time = spent === null ? "." : `, ${spent}.`;
  return { title: "Testing", tone: "hourglass_flowing_sand", fact: `${names} ${verb} running`, next: `${time} ${calm}` };
}

/** How far it has come: what people fear or hope first. */
function reach(card: RunCard): string {
  const reached = card.path
    .filter((entry) => (entry.deployment?.liveAt ?? null) !== null || entry.observed?.state === "live")
    .map((entry) => foreign(entry.environment, LIMITS.name));
  return reached.length === 0 ? "Nothing is live yet." : `Live in ${list(reached)}.`;
}

function notFurther(card: RunCard): string {
  const waiting = card.path
    .filter((entry) => entry.deployment === null && (entry.observed ?? null) === null)
    .map((entry) => foreign(entry.environment, LIMITS.name));
  return waiting.length === 0 ? "" : `It does not go to ${list(waiting, 3, "or")}.`;
}

function pathLine(entry: PathEntry, context: RenderContext): string {
  const name = `*${escaped(capital(entry.environment))}*`;
  if (entry.deployment !== null) {
    const { icon, words } = stateWords(entry.deployment.state);
    const since = entry.deployment.liveAt === null ? "" : `, live since ${clock(entry.deployment.liveAt, context.now)}`;
    const because = entry.deployment.because === null ? "" : `: ${foreign(entry.deployment.because, LIMITS.changeTitle)}`;
    return `:${icon}: ${name} ${words}${since}${because}`;
  }
  if (entry.doubt !== undefined) return `:warning: ${name} ${foreign(entry.doubt, LIMITS.sentence)}`;
  switch (entry.mode) {
    case "automatically":
      return `${readyWords(entry, name)} goes there by itself`;
    case "by_ci":
      return observedLine(name, entry.observed ?? null, context);
    case "approval":
      return `${readyWords(entry, name)} after a yes from ${
        list(
          entry.approvers.map((ref) => foreign(ref, LIMITS.name)),
          3,
          "or",
        ) || "nobody"
      }`;
    default:
      return entry.mode satisfies never;
  }
}

/** "Production-ready": it has all that the environment requires. */
function readyWords(entry: PathEntry, name: string): string {
  if (entry.ready === true) return `:large_green_circle: ${name} *${escaped(capital(entry.environment))}-ready*,`;
  return `:white_circle: ${name}`;
}

/** CI's doing is never told as ours. */
function observedLine(name: string, seen: ObservedHere | null, context: RenderContext): string {
  if (seen === null) return `:white_circle: ${name} is deployed by CI`;
  const at = clock(seen.at, context.now);
  const byCi = link(seen.url, "by CI");
  switch (seen.state) {
    case "started":
      return `:hourglass_flowing_sand: ${name} is being deployed ${byCi}, since ${at}`;
    case "live":
      return `:white_check_mark: ${name} live since ${at}, deployed ${byCi}`;
    case "was live":
      return `:white_circle: ${name} was live from ${at}, deployed ${byCi}`;
    case "failed":
      return `:red_circle: ${name} was not deployed ${byCi}: it failed at ${at}`;
    default:
      return seen.state satisfies never;
  }
}

function pushed(card: RunCard, context: RenderContext): string {
  const branch = card.run.branch === null ? "" : ` on ${foreign(card.run.branch, LIMITS.name)}`;
  const push = card.run.push;
  const by = push === null ? "" : `, pushed by ${foreign(pusherName(card, push.pusher), LIMITS.name)} at ${clock(push.at, context.now)}`;
  return `${code(card.run.revision)}${branch}${by}.`;
}

/** A code host names a pusher by the login; who also wrote a commit is known by name. */
function pusherName(card: RunCard, pusher: Author): string {
  const login = pusher.login ?? pusher.name;
  const known = card.changes.authors.find((author) => author.login === login || (author.email !== null && author.email === pusher.email));
  return known?.name ?? pusher.name;
}

function capital(name: string): string {
  const words = plain(name, LIMITS.name) || "(no name)";
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function shortName(app: string): string {
  return app.length <= 24 ? app : `${app.slice(0, 23)}…`;
}
