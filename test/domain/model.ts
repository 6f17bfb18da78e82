import { parseConfig } from "../../src/config/load.ts";
import type { Environment } from "../../src/domain/config.ts";
import { decide } from "../../src/domain/decide.ts";
import type { ChangeSet, Deployment, DeploymentState, StateName } from "../../src/domain/deployment.ts";
import { digestOf } from "../../src/domain/digest.ts";
import type { Command, Decision, Effect, HistoryEntry, Refusal, Shown, Snapshot } from "../../src/domain/environment.ts";
import type { Standing } from "../../src/domain/standing.ts";
import { parseDeploymentId, parseRunId, parseSha, type DeploymentId, type RunId, type Sha } from "../../src/domain/ids.ts";
import type { Verdict } from "../../src/domain/measurement.ts";
import type { Result } from "../../src/domain/result.ts";
import { written } from "./written.ts";

/** An environment in memory: what the database would hold after each decision. Broken invariants are thrown. */
export type Model = {
  snapshot: Snapshot;
  now: Date;
  readonly history: HistoryEntry[];
  /** Of the last decision. */
  effects: readonly Effect[];
  do(command: Command): Result<Decision, Refusal>;
  /** @throws when it is refused. */
  must(command: Command): Decision;
  refused(command: Command): Refusal;
  pass(ms: number): void;
  get(id: DeploymentId): Deployment;
  state(id: DeploymentId): StateName;
};

export const MINUTE = 60_000;
export const MONDAY = new Date("2026-03-02T09:00:00Z");
export const APPROVAL = 'approval: { from: ["@product-owners"], count: 1, expires: 24h }';
export const AUTOMATIC = "deploy: automatically";

/** One environment of one app, from the lines that make it special. */
export function environmentOf(lines: readonly string[] = [APPROVAL], name = "production"): Environment {
  const text = [
    "timezone: Europe/Brussels",
    "connections: { pager: { type: pager, routing_key: env:PAGERDUTY_KEY } }",
    "apps:",
    "  shop:",
    "    repository: github:acme/shop",
    '    channel: "#shop"',
    "    environments:",
    "      staging:",
    "        deploy: automatically",
    "        target: { type: ssh, hosts: [deploy@staging.acme.test], directory: /srv/shop, recipe: django }",
    '        watch: { for: 30m, http: { url: "https://staging.acme.test/health" } }',
    "      production:",
    ...lines.map((line) => `        ${line}`),
    "        target: { type: ssh, hosts: [deploy@web-1.acme.test, deploy@web-2.acme.test], directory: /srv/shop, recipe: django }",
  ].join("\n");
  const parsed = parseConfig(text, "greenlight.yml");
  if (!parsed.ok) throw new Error(parsed.refusal.map((fault) => `${fault.says}; write ${fault.write}`).join("\n"));
  const found = parsed.value.apps[0]?.environments.find((environment) => environment.name === name);
  if (found === undefined) throw new Error(`no environment ${name}`);
  return found;
}

export function modelOf(environment: Environment = environmentOf(), over: Partial<Snapshot> = {}): Model {
  const model: Model = {
    snapshot: {
      environment,
      configHash: "configuration",
      command: "/deploy",
      nextNumber: 1,
      mixed: false,
      heldBecause: null,
      lock: null,
      freeze: null,
      live: [],
      open: [],
      past: [],
      approvals: [],
      validations: [],
      blocked: [],
      candidates: [],
      after: environment.after === null ? null : [],
      ...over,
    },
    now: MONDAY,
    history: [],
    effects: [],
    do(command) {
      const outcome = decide(model.snapshot, command, model.now);
      if (!outcome.ok) return outcome;
      for (const change of outcome.value.changes) model.snapshot = written(model.snapshot, change, model.now);
      model.history.push(...outcome.value.history);
      model.effects = outcome.value.effects;
      return outcome;
    },
    must(command) {
      const outcome = model.do(command);
      if (!outcome.ok) throw new Error(`${outcome.refusal.title} ${outcome.refusal.reasons.map((reason) => reason.text).join(" ")}`);
      return outcome.value;
    },
    refused(command) {
      const outcome = model.do(command);
      if (outcome.ok) throw new Error(`it was not refused: ${outcome.value.answer}`);
      return outcome.refusal;
    },
    pass: (ms) => void (model.now = new Date(model.now.getTime() + ms)),
    get(id) {
      const found = [...model.snapshot.open, ...model.snapshot.past].find((deployment) => deployment.id === id);
      if (found === undefined) throw new Error(`no deployment ${id}`);
      return found;
    },
    state: (id) => model.get(id).state.state,
  };
  return model;
}

let counted = 0;
function uuid(): string {
  counted += 1;
  return `00000000-0000-7000-8000-${counted.toString(16).padStart(12, "0")}`;
}

export function newId(): DeploymentId {
  return parseDeploymentId(uuid()) ?? fail();
}

export function newRunId(): RunId {
  return parseRunId(uuid()) ?? fail();
}

/** The nth revision of the app; higher is newer. */
export function sha(number: number): Sha {
  return parseSha(number.toString(16).padStart(40, "0")) ?? fail();
}

function fail(): never {
  throw new Error("an id of a test is no id");
}

/** Nothing changes, and nothing was done to the database. */
export const NOTHING: ChangeSet = {
  changes: [],
  complete: true,
  behind: 0,
  compareUrl: null,
  authors: [],
  migrations: { pending: [], source: "", applied: [], doubtful: [], undone: [], leaves: {} },
};

export function person(id: string, over: Partial<Standing> = {}): Standing {
  return {
    actor: { kind: "slack", id, name: id.toLowerCase() },
    ours: true,
    team: "TACME",
    guest: false,
    bot: false,
    deactivated: false,
    approver: false,
    standsInFor: [],
    justJoined: null,
    mayOverride: false,
    onCall: false,
    mayRollBack: null,
    ...over,
  };
}

export const PETRA = person("UPETRA", { approver: true });
export const OLAF = person("UOLAF", { approver: true });
export const DORA = person("UDORA");

export function offered(number: number, over: Partial<Extract<Command, { kind: "offer" }>> = {}) {
  return {
    kind: "offer",
    candidate: { revision: sha(number), runId: newRunId(), since: MONDAY, position: number },
    changes: NOTHING,
    containsBlocked: null,
    id: newId(),
    ...over,
  } as const satisfies Command;
}

export function requested(number: number, over: Partial<Extract<Command, { kind: "request" }>> = {}) {
  return {
    kind: "request",
    standing: DORA,
    revision: sha(number),
    runId: null,
    changes: NOTHING,
    missing: [],
    containsBlocked: null,
    id: newId(),
    ...over,
  } as const satisfies Command;
}

/** What a card of this deployment carries now. */
export function shownNow(model: Model, id: DeploymentId): Shown {
  const { revision, environmentId, planHash, counter } = model.get(id);
  return { counter, digest: digestOf({ revision, environment: environmentId, planHash }) };
}

export function approved(model: Model, deployment: DeploymentId, standing: Standing = PETRA): Extract<Command, { kind: "approve" }> {
  const { revision, environmentId, planHash } = model.get(deployment);
  const digest = digestOf({ revision, environment: environmentId, planHash });
  return { kind: "approve", standing, deployment, digest, override: null, approverNames: ["Petra"] };
}

/** Everything that waits was asked for, and everybody may still approve. */
export function rechecked(model: Model, over: Partial<Extract<Command, { kind: "recheck" }>> = {}): Extract<Command, { kind: "recheck" }> {
  const asked = model.snapshot.open.map((deployment) => deployment.id);
  return { kind: "recheck", entitled: ["UPETRA", "UOLAF"], asked, unfit: {}, id: newId(), ...over };
}

export function ended(deployment: DeploymentId, outcome: Extract<Command, { kind: "steps_ended" }>["outcome"] = { kind: "done" }) {
  return { kind: "steps_ended", deployment, outcome, id: newId() } as const satisfies Command;
}

export function verdict(kind: Verdict["kind"], level: Verdict["level"] = "none", ongoing = false): Verdict {
  const figures = {
    errorsAfter: null,
    minutesAfter: 0,
    errorsBefore: null,
    minutesBefore: 0,
    usersHit: null,
    since: null,
    newIssues: [],
    lastEventAt: null,
    siteUp: null,
    latencyMs: null,
    pValue: null,
    ratio: { ratio: null, low: null, high: null },
  };
  return { kind, level, ongoing, why: `it looks ${kind}`, figures };
}

export function measured(deployment: DeploymentId, seen: Verdict, undo: "yes" | "code_only" | "no" | "unknown" = "yes") {
  return {
    kind: "measured",
    deployment,
    verdict: seen,
    undo: { kind: undo, because: "of the migrations" },
    id: newId(),
  } as const satisfies Command;
}

/** Brings a revision to `executing`, whatever the environment asks for. */
export function started(model: Model, number: number): DeploymentId {
  const { id } =
    model.must(requested(number)).changes.flatMap((change) => (change.kind === "insert" ? [change.deployment] : []))[0] ?? fail();
  if (model.state(id) === "awaiting_approval") model.must(approved(model, id));
  model.must(rechecked(model));
  if (model.state(id) !== "executing") throw new Error(`#${model.get(id).number} is ${JSON.stringify(model.get(id).state)}`);
  return id;
}

/** Brings a revision live and to its watch, or to its end if nothing is watched. */
export function live(model: Model, number: number): DeploymentId {
  const id = started(model, number);
  model.must(ended(id));
  return id;
}

/** Live, and judged healthy at the end of its watch. */
export function healthy(model: Model, number: number): DeploymentId {
  const id = live(model, number);
  const { state } = model.get(id);
  if ("until" in state) model.now = state.until;
  model.must(measured(id, verdict("healthy")));
  return id;
}

/** What the last decision says in threads. */
export function replies({ effects }: Pick<Model, "effects">): readonly Extract<Effect, { kind: "reply" }>["reply"][] {
  return effects.flatMap((effect) => (effect.kind === "reply" ? [effect.reply] : []));
}

export function stateOf<Name extends StateName>(model: Model, id: DeploymentId, name: Name): DeploymentState & { readonly state: Name } {
  const { state } = model.get(id);
  if (!isNamed(state, name)) throw new Error(`it is ${state.state}, not ${name}`);
  return state;
}

function isNamed<Name extends StateName>(state: DeploymentState, name: Name): state is DeploymentState & { readonly state: Name } {
  return state.state === name;
}
