import type { Aftermath } from "../../src/domain/aftermath.ts";
import type { StepView } from "../../src/domain/card.ts";
import type { Environment, Host } from "../../src/domain/config.ts";
import type { ChangeSet, Deployment, DeploymentState, FinalName } from "../../src/domain/deployment.ts";
import { environmentId, parseDeploymentId, parseRunId, parseSha, type Sha } from "../../src/domain/ids.ts";
import type { Verdict } from "../../src/domain/measurement.ts";
import type { Actor } from "../../src/domain/people.ts";
import { planOf } from "../../src/domain/plan.ts";
import type { Change, Run } from "../../src/domain/pipeline.ts";

/** What the engine would read of one story: a shop, three changes, two servers. Each takes other words, to try hostile ones. */

export const NOW = new Date("2026-11-24T09:15:00Z");
export const context = { now: NOW, timezone: "Europe/Brussels" };

export function some<Value>(value: Value | null): Value {
  if (value === null) throw new Error("a fixture id is malformed");
  return value;
}

export function sha(start: string): Sha {
  return some(parseSha(start.padEnd(40, "0")));
}

export function deploymentId(last: number): Deployment["id"] {
  return some(parseDeploymentId(`0192f0a0-0000-7000-8000-${String(last).padStart(12, "0")}`));
}

export function minutesAgo(minutes: number): Date {
  return new Date(NOW.getTime() - minutes * 60_000);
}

export function inMinutes(minutes: number): Date {
  return minutesAgo(-minutes);
}

export const ann: Actor = { kind: "slack", id: "U01ANN", name: "Ann" };
const bob = { name: "Bob", email: "bob@acme.test", login: "bob", slackId: "U02BOB" };
const cleo = { name: "Cleo", email: "cleo@acme.test", login: "cleo", slackId: "U03CLEO" };
export type Words = { readonly title: string; readonly name: string; readonly host: string; readonly url: string };
export const CALM: Words = { title: "feat(pay): pay with Bancontact", name: "shop", host: "web-1", url: "https://git.acme.test/shop/1" };

function change(title: string, author: typeof bob, url: string): Change {
  return { revision: sha("9f3c2ab"), title, author, url, pullRequest: 412 };
}

export function changes(words: Words = CALM): ChangeSet {
  return {
    changes: [
      change(words.title, { ...bob, name: words === CALM ? "Bob" : words.name }, words.url),
      change("Show the delivery date in the basket (#413)", cleo, "https://git.acme.test/shop/2"),
      change("chore: update Django to 5.2.8", bob, "https://git.acme.test/shop/3"),
    ],
    complete: true,
    behind: 0,
    compareUrl: "https://git.acme.test/shop/compare",
    authors: [bob, cleo],
  };
}

function host(name: string): Host {
  return { name, address: "127.0.0.1", port: 22, user: "deploy", directory: "/srv/shop" };
}

export function environment(words: Words = CALM): Environment {
  return {
    id: environmentId(words.name, "production"),
    app: words.name,
    name: "production",
    requires: ["build", "unit"],
    after: null,
    needsValidation: false,
    release: { mode: "approval", approval: { from: [{ kind: "group", handle: "product-owners" }], count: 1, expiresMs: 86_400_000 } },
    freeze: [],
    rollbackFrom: null,
    onCall: [],
    allow: { guests: false, teams: [] },
    url: "https://shop.acme.test",
    onFailure: "hold",
    target: {
      type: "ssh",
      hosts: [host(words.host), host("web-2")],
      recipe: "django",
      layout: { kind: "in_place" },
      services: ["shop"],
      install: null,
      backup: null,
      users: {},
      before: {},
      after: {},
      manage: ["python", "manage.py"],
      origin: null,
      lockTimeoutMs: 5000,
      environment: {},
      commands: {},
      timeoutsSeconds: {},
      roll: { canary: 0, batch: 1, maxFailures: 0, pauseSeconds: 0, verifyTimes: 1, verifyEverySeconds: 2 },
    },
    watch: {
      forMs: 1_800_000,
      everyMs: 60_000,
      baselineMs: 3_600_000,
      onRegression: "offer",
      countdownMs: 90_000,
      sentry: { connection: "default", organization: null, project: "shop", environment: "production", releasePrefix: "" },
      http: null,
    },
  };
}

export function deployment(state: DeploymentState, words: Words = CALM): Deployment {
  const started = !["awaiting_approval", "queued", "rejected", "expired", "superseded"].includes(state.state);
  const live = ["watching", "countdown", "succeeded", "succeeded_unverified", "regressed"].includes(state.state);
  return {
    id: deploymentId(1),
    number: 812,
    environmentId: environmentId(words.name, "production"),
    kind: "deploy",
    revision: sha("9f3c2ab"),
    from: sha("4c1e77d"),
    plan: planOf(environment(words), { kind: "deploy", from: sha("4c1e77d"), revision: sha("9f3c2ab") }),
    planHash: "a".repeat(64),
    configHash: "b".repeat(64),
    counter: 3,
    runId: null,
    requestedBy: ann,
    requestedAt: minutesAgo(30),
    changes: changes(words),
    rollsBack: null,
    rolledBackBy: null,
    automatic: false,
    startedAt: started ? new Date(NOW.getTime() - 72_000 - (live ? 360_000 : 0)) : null,
    liveAt: live ? minutesAgo(6) : null,
    state,
  };
}

export function steps(of: Deployment, doneUntil = 9): readonly StepView[] {
  return of.plan.steps.map((step, index) => ({
    name: step.name,
    host: step.host,
    phase: step.phase,
    status: index < doneUntil ? "done" : index === doneUntil ? "running" : "waiting",
    startedAt: index <= doneUntil ? new Date(NOW.getTime() - 66_000 + index * 4_000) : null,
    finishedAt: index < doneUntil ? new Date(NOW.getTime() - 66_000 + (index + 1) * 4_000) : null,
    exitCode: index < doneUntil ? 0 : null,
    tail: "",
    note: null,
  }));
}

export function verdict(kind: Verdict["kind"], words: Words = CALM): Verdict {
  const bad = kind === "regressed";
  return {
    kind,
    level: bad ? "act" : "none",
    ongoing: bad,
    why: bad ? "errors rose from 0.3 to 76 a minute" : "nothing unusual so far",
    figures: {
      errorsAfter: bad ? 304 : 2,
      minutesAfter: bad ? 4 : 6,
      errorsBefore: 18,
      minutesBefore: 60,
      ...(bad ? { errorsNow: 76 } : {}),
      usersHit: bad ? 118 : null,
      since: bad ? minutesAgo(4) : null,
      newIssues: bad
        ? [
            {
              id: "1",
              title: words === CALM ? "TypeError: unsupported operand" : words.title,
              place: "pricing.py:88",
              url: "https://sentry.acme.test/1",
              events: 152,
              users: 118,
              unhandled: true,
              firstSeen: minutesAgo(4),
              lastSeen: minutesAgo(0),
            },
          ]
        : [],
      lastEventAt: new Date(NOW.getTime() - 40_000),
      siteUp: true,
      latencyMs: 118,
      pValue: null,
      ratio: { ratio: null, low: null, high: null },
    },
  };
}

/** What became of it after a rollback, of which the last error came two minutes ago. */
export function after(known: Partial<Aftermath>): Aftermath {
  return { over: [], goesOn: [], open: [], unverified: [], lastErrorAt: minutesAgo(2), ...known };
}

export function run(words: Words = CALM, status: "running" | "passed" | "failed" = "running"): Run {
  const job = (name: string, state: Run["workflows"][number]["jobs"][number]["status"], from: number, to: number | null) => ({
    job: name,
    name,
    stage: null,
    status: state,
    allowFailure: false,
    url: words.url,
    startedAt: minutesAgo(from),
    finishedAt: to === null ? null : minutesAgo(to),
    updatedAt: minutesAgo(to ?? from),
  });
  return {
    id: some(parseRunId("0192f0a0-0000-7000-8000-00000000000a")),
    app: words.name,
    revision: sha("9f3c2ab"),
    branch: "main",
    push: { at: minutesAgo(6), pusher: bob, before: null, changes: [], compareUrl: null },
    workflows: [
      {
        workflowRun: "1",
        provider: "github",
        attempt: 1,
        name: "ci",
        path: ".github/workflows/ci.yml",
        trigger: "push",
        branch: "main",
        tag: false,
        ownRepository: true,
        parent: null,
        status: status === "passed" ? "passed" : "running",
        url: words.url,
        startedAt: minutesAgo(6),
        updatedAt: minutesAgo(1),
        jobs: [
          job("build", "passed", 6, 4),
          job("unit", "passed", 4, 3),
          job(words === CALM ? "integration tests" : words.name, status, 2, status === "running" ? null : 1),
        ],
      },
    ],
    checks: [],
    tests: [],
  };
}

export function final(state: FinalName, because: string, kind: Verdict["kind"] | null = null, words: Words = CALM): DeploymentState {
  return {
    state,
    at: minutesAgo(1),
    because,
    by: state === "rejected" || state === "cancelled" ? ann : null,
    verdict: kind === null ? null : verdict(kind, words),
  };
}

export const dan: Actor = { kind: "slack", id: "U06DAN", name: "Dan" };
