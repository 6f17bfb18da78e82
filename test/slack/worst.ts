import type { CardModel, DeploymentCard, RunCard } from "../../src/domain/card.ts";
import type { Host } from "../../src/domain/config.ts";
import { type Deployment, isFinal } from "../../src/domain/deployment.ts";
import { planOf } from "../../src/domain/plan.ts";
import { everyCard } from "./cards.ts";
import { minutesAgo, steps, type Words } from "./shop.ts";

/** Every card of every state with as much on it as a large team can put there: 500 commits, 64 servers, the longest names. */

const COMMITS = 500;
const SERVERS = 64;

/** 253 characters is the longest a server's name can be; titles and links have no end. */
export const LONGEST: Words = {
  title: `feat(checkout): ${"pay with every method there is, & even with <those> that nobody knows ".repeat(40)}`,
  name: `shop-${"of-the-northern-region-".repeat(10)}`,
  host: `${"web.".repeat(62)}acme`,
  url: `https://git.acme.test/${"path/".repeat(500)}`,
};

export function everyCardAtItsWorst(): Readonly<Record<string, CardModel>> {
  const worst = Object.entries(everyCard(LONGEST)).map(([name, model]) => [name, model.kind === "run" ? fullRun(model) : fullCard(model)]);
  return Object.fromEntries(worst);
}

function many<Value>(count: number, of: readonly Value[]): readonly Value[] {
  return Array.from({ length: count }, (_, index) => of[index % of.length]).flatMap((one) => (one === undefined ? [] : [one]));
}

function people(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `U0${String(index).padStart(9, "0")}`);
}

function servers(host: Host): readonly Host[] {
  return Array.from({ length: SERVERS }, (_, index) => ({ ...host, name: `${index}.${host.name}`.slice(0, 253) }));
}

function fullRun(card: RunCard): RunCard {
  const [workflow] = card.run.workflows;
  const workflows = Array.from({ length: 6 }, (_, index) => ({
    ...some(workflow),
    workflowRun: `${index}`,
    path: `.github/workflows/${index}.yml`,
    name: `${LONGEST.name}${index}`,
    jobs: many(12, some(workflow).jobs).map((job, at) => ({ ...job, job: `${index}.${at}`, name: `${job.name} ${index}.${at}` })),
  }));
  return {
    ...card,
    run: { ...card.run, branch: LONGEST.name, workflows },
    changes: fullChanges(card.changes),
    path: many(12, card.path).map((entry, index) => ({ ...entry, environment: `${entry.environment}-${index}`, approvers: people(50) })),
    live: { revision: card.run.revision, since: minutesAgo(1400), title: LONGEST.title },
  };
}

function fullChanges(changes: Deployment["changes"]): Deployment["changes"] {
  return { ...changes, changes: many(COMMITS, changes.changes), authors: many(40, changes.authors), behind: 40, complete: false };
}

function fullCard(card: DeploymentCard): DeploymentCard {
  const { target } = card.environment;
  const hosts = servers(some(target.hosts[0]));
  const environment = { ...card.environment, target: { ...target, hosts } };
  const full = (of: Deployment): Deployment => ({
    ...of,
    number: 99_999,
    plan: planOf(environment, { kind: of.kind, from: of.from, revision: of.revision }),
    changes: fullChanges(of.changes),
    state: fullState(of.state),
  });
  const own = full(card.deployment);
  const rollback = card.rollback === null ? null : { ...card.rollback, deployment: full(card.rollback.deployment) };
  return {
    ...card,
    environment,
    deployment: own,
    steps: card.steps.length === 0 ? [] : broken(own),
    rollback: rollback === null ? null : { ...rollback, steps: broken(rollback.deployment) },
    approvals: many(20, card.approvals),
    required: 20,
    approvers: {
      refs: people(30),
      ids: people(100),
      left: [],
      unreadable: people(30),
      standIns: people(30).map((name) => ({ name, for: name, until: card.deployment.requestedAt })),
      unknown: people(30),
    },
    excluded: people(40),
    unmapped: many(40, [LONGEST.name]),
    live: card.live && { ...card.live, title: LONGEST.title },
    wayBack: card.wayBack && { ...card.wayBack, title: LONGEST.title },
    latest: { errorsAt: minutesAgo(1), gap: LONGEST.title, isBlind: true },
    trouble: LONGEST.title,
    hosts: hosts.map(({ name }, index) => ({
      host: name,
      revision: index % 3 === 0 ? null : own.revision,
      as: index % 2 === 0 ? "runs" : "not_restarted",
    })),
  };
}

/** Half of it is done, much has failed with a long log, and somebody noted something at every step. */
function broken(of: Deployment): DeploymentCard["steps"] {
  const all = steps(of, Math.floor(of.plan.steps.length / 2));
  return all.map((step, index) =>
    index % 5 === 4
      ? { ...step, status: "failed" as const, exitCode: 1, tail: `${LONGEST.title}\n`.repeat(20), note: LONGEST.title }
      : step,
  );
}

function fullState(state: Deployment["state"]): Deployment["state"] {
  if (isFinal(state)) return { ...state, because: state.because === "" ? "" : LONGEST.title };
  switch (state.state) {
    case "queued":
      return { ...state, blockers: many(40, state.blockers) };
    case "needs_attention": {
      const { held } = state;
      const all =
        held === undefined
          ? {}
          : { held: Array.from({ length: SERVERS }, (_, index) => ({ ...some(held[0]), host: `${index}.${LONGEST.host}` })) };
      return { ...state, because: LONGEST.title, ...all };
    }
    default:
      return state;
  }
}

function some<Value>(value: Value | null | undefined): Value {
  if (value === null || value === undefined) throw new Error("the fixture has nothing to make more of");
  return value;
}
