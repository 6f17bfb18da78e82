import type { DeploymentCard, StepView } from "../../domain/card.ts";
import type { StepName } from "../../domain/config.ts";
import type { Deployment, DeploymentState } from "../../domain/deployment.ts";
import { foreign } from "../escape.ts";
import { LIMITS } from "../limits.ts";
import { duration, list, progress, running } from "../words.ts";
import { stopButton } from "./buttons.ts";
import type { BodyPart, Drawing, RenderContext } from "./drawing.ts";
import { pauseLine } from "./host-lines.ts";
import { approvedBy, changesLine, names, sentence, servers, title, troubleLine, who } from "./parts.ts";
import { replaces } from "./version.ts";

type Cancelling = Extract<DeploymentState, { readonly state: "cancelling" }>;

export function drawExecuting(card: DeploymentCard, context: RenderContext): Drawing {
  const { deployment } = card;
  const rollback = deployment.kind === "rollback";
  const spent = progress(deployment.startedAt, card.usualMs, context.now);
  return {
    title: title(rollback ? "Rolling back" : "Deploying", names(card), rollback ? "in" : "to"),
    tone: rollback ? "arrows_counterclockwise" : "hourglass_flowing_sand",
    fact: stepsFact(card.steps, deployment),
    next: spent === null ? null : sentence(spent),
    body: [
      stepsBody(card.steps, deployment, context),
      { kind: "lines", lines: [pauseLine(card, context), changesLine(deployment.changes), troubleLine(card)] },
    ],
    detail: [
      replaces(card, context),
      approvedBy(card, context),
      deployment.plan.gate === undefined ? "The log is in the thread." : "Its log is CI's.",
    ],
    // What CI has begun only CI can stop.
    buttons: deployment.plan.gate === undefined ? [stopButton(card)] : [],
    blockId: `act:${deployment.id}:${deployment.counter}`,
  };
}

export function drawCancelling(card: DeploymentCard, state: Cancelling, context: RenderContext): Drawing {
  const { deployment } = card;
  const after = state.thenRollBack ? "Then the servers that it changed go back to the earlier version." : "Servers that have it keep it.";
  return {
    title: title("Stopping", names(card), deployment.kind === "rollback" ? "in" : "to"),
    tone: "hourglass_flowing_sand",
    fact: `${who(state.by)} stopped it, the running step is being ended.`,
    next: `${sentence(`${running(state.since, context.now)} so far`)} ${after}`,
    body: [stepsBody(card.steps, deployment, context), { kind: "lines", lines: [troubleLine(card)] }],
    detail: [replaces(card, context), approvedBy(card, context)],
    buttons: [],
    blockId: `act:${deployment.id}:${deployment.counter}`,
  };
}

/** "1 of 2 servers is done, web-2 is restarting." */
export function stepsFact(steps: readonly StepView[], deployment: Deployment): string {
  if (deployment.plan.gate !== undefined) return "CI may go on, and deploys it.";
  const hosts = hostsOf(steps, deployment);
  const done = hosts.filter((host) => host.done).length;
  const busy = hosts.filter((host) => host.now !== null);
  const doing =
    busy.length === 0
      ? null
      : busy.length === 1 || new Set(busy.map((host) => host.now?.name)).size === 1
        ? `${list(busy.map((host) => host.label))} ${busy.length === 1 ? "is" : "are"} ${DOING[busy[0]?.now?.name ?? "check"]}`
        : `${busy.length} are at work`;
  if (steps.every((step) => step.status === "waiting")) return `Connecting to ${servers(hosts.length)}.`;
  const number = `${done} of ${servers(hosts.length)} ${done === 1 ? "is" : "are"} done`;
  return doing === null ? `${number}.` : `${number}, ${doing}.`;
}

const DOING: Readonly<Record<StepName, string>> = {
  pull: "getting the code",
  install: "installing packages",
  check: "being checked",
  collectstatic: "collecting static files",
  preview: "reading the migrations",
  backup: "saving the database",
  migrate: "changing the database",
  switch: "switching to the new version",
  run: "running the fabfile",
  restart: "restarting",
  verify: "being verified",
};

const STEP_LABELS: Readonly<Record<StepName, string>> = {
  pull: "Code",
  install: "Packages",
  check: "Check",
  collectstatic: "Static files",
  preview: "Preview",
  backup: "Backup",
  migrate: "Database",
  switch: "Switch",
  run: "Fabric",
  restart: "Restart",
  verify: "Verify",
};

const STEP_ICONS = {
  waiting: "white_circle",
  running: "hourglass_flowing_sand",
  done: "white_check_mark",
  failed: "red_circle",
  unknown: "grey_question",
} as const;

type HostView = {
  readonly label: string;
  readonly steps: readonly StepView[];
  readonly done: boolean;
  readonly now: StepView | null;
  readonly broken: StepView | null;
};

/** Two lines a server up to three; beyond that only those that run or failed, and a count of the others. */
export function stepsBody(steps: readonly StepView[], deployment: Deployment, context: RenderContext): BodyPart {
  const hosts = hostsOf(steps, deployment);
  if (hosts.length <= LIMITS.hostsDetailed) return { kind: "lines", lines: hosts.flatMap((host) => hostLines(host, context)) };
  const notable = hosts.filter((host) => host.now !== null || host.broken !== null);
  const shown = notable.slice(0, LIMITS.hostsListed);
  const rest = hosts.filter((host) => !shown.includes(host));
  const done = rest.filter((host) => host.done).length;
  const waiting = rest.length - done;
  return {
    kind: "lines",
    lines: [
      ...shown.map((host) => hostLines(host, context)[0] ?? null),
      done > 0 ? `:white_check_mark: ${servers(done)} ${done === 1 ? "has" : "have"} it` : null,
      waiting > 0 ? `:white_circle: ${servers(waiting)} ${waiting === 1 ? "waits" : "wait"}` : null,
    ],
  };
}

function hostsOf(steps: readonly StepView[], deployment: Deployment): readonly HostView[] {
  return deployment.plan.hosts.map((host) => {
    const own = steps.filter((step) => step.host === host.name).toSorted((left, right) => left.phase - right.phase);
    return {
      label: foreign(host.name, LIMITS.name),
      steps: own,
      done: own.length > 0 && own.every((step) => step.status === "done"),
      now: own.find((step) => step.status === "running") ?? null,
      broken: own.find((step) => step.status === "failed" || step.status === "unknown") ?? null,
    };
  });
}

function hostLines(host: HostView, context: RenderContext): readonly string[] {
  const { icon, words } = hostWords(host, context);
  const marks = marksOf(host.steps).map(({ name, status }) => {
    const label = status === "running" ? `*${STEP_LABELS[name]}*` : STEP_LABELS[name];
    return `:${STEP_ICONS[status]}: ${label}`;
  });
  return [`:${icon}: *${host.label}* ${words}`, ...(marks.length === 0 ? [] : [marks.join("   ")])];
}

/** One mark a step: its commands, and those before and after it, are one thing to whoever reads the card. */
function marksOf(steps: readonly StepView[]): readonly { readonly name: StepName; readonly status: StepView["status"] }[] {
  return [...new Set(steps.map((step) => step.name))].map((name) => {
    const statuses = steps.filter((step) => step.name === name).map((step) => step.status);
    const worst = (["failed", "unknown", "running"] as const).find((status) => statuses.includes(status));
    if (worst !== undefined) return { name, status: worst };
    if (statuses.every((status) => status === "done")) return { name, status: "done" };
    return { name, status: statuses.includes("done") ? "running" : "waiting" };
  });
}

function hostWords(host: HostView, context: RenderContext): { readonly icon: string; readonly words: string } {
  const started = host.steps.find((step) => step.startedAt !== null)?.startedAt ?? null;
  const ended = host.steps.at(-1)?.finishedAt ?? null;
  if (host.broken !== null) {
    const code = host.broken.exitCode === null ? "" : ` with exit code ${host.broken.exitCode}`;
    const label = STEP_LABELS[host.broken.name];
    const words = host.broken.status === "failed" ? `${label} failed${code}` : `nobody knows how ${label} ended`;
    return { icon: host.broken.status === "failed" ? "red_circle" : "grey_question", words };
  }
  if (host.done) {
    const took = started === null || ended === null ? "" : `, ${duration(ended.getTime() - started.getTime())}`;
    return { icon: "white_check_mark", words: `has the new version${took}` };
  }
  if (host.now !== null) {
    const spent = host.now.startedAt === null ? "" : `, ${running(host.now.startedAt, context.now)}`;
    return { icon: "hourglass_flowing_sand", words: `is ${DOING[host.now.name]}${spent}` };
  }
  return { icon: "white_circle", words: started === null ? "waits" : "waits for its turn" };
}
