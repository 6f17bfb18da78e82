import { describe, expect, test } from "vitest";
import { markOf, nameAbroad, stateAbroad } from "../../src/domain/abroad.ts";
import type { Deployment, DeploymentState } from "../../src/domain/deployment.ts";
import type { LiveHost } from "../../src/domain/environment.ts";
import { parseDeploymentId, type DeploymentId } from "../../src/domain/ids.ts";
import { configOf } from "../support/engine-replica.ts";
import { APPROVAL, environmentOf, MONDAY, sha } from "./model.ts";

const target = (place: string): string =>
  `target: { type: ssh, hosts: [deploy@web-1.acme.test], directory: /srv/${place}, recipe: django }`;
const environment = environmentOf([APPROVAL]);

function idOf(digit: string): DeploymentId {
  const id = parseDeploymentId(`01990000-0000-7000-8000-00000000000${digit}`);
  if (id === null) throw new Error("no id");
  return id;
}

const ended = { at: MONDAY, because: "why", by: null, verdict: null };

/** As far as it is looked at. */
function deploymentIn(state: DeploymentState, over: Partial<Deployment> = {}): Deployment {
  const base: Partial<Deployment> = { id: idOf("a"), number: 12, kind: "deploy", startedAt: MONDAY, liveAt: null, rolledBackBy: null };
  return { ...base, state, ...over } as Deployment;
}

function liveBy(deploymentId: DeploymentId | null): readonly LiveHost[] {
  return [{ host: "web-1", revision: sha(1), since: MONDAY, deploymentId, source: "ours" }];
}

describe("what a code host is told of a deployment", () => {
  const live = { liveAt: MONDAY };
  test.each([
    { name: "it waits", state: { state: "queued", since: MONDAY, blockers: [], recheckAt: null }, over: { startedAt: null }, told: null },
    { name: "it runs", state: { state: "executing", since: MONDAY }, over: {}, told: "in_progress" },
    { name: "it ended before it began", state: { state: "expired", ...ended }, over: { startedAt: null }, told: null },
    { name: "it failed", state: { state: "failed", ...ended }, over: {}, told: "failure" },
    {
      name: "it is asked for anew",
      state: { state: "awaiting_approval", since: MONDAY, expiresAt: MONDAY, voided: "worse" },
      over: {},
      told: "queued",
    },
    { name: "it is live", state: { state: "succeeded", ...ended }, over: live, told: "success" },
    { name: "it does harm, and is live", state: { state: "regressed", ...ended }, over: live, told: "success" },
  ] as const)("$name", ({ state, over, told }) => expect(stateAbroad(deploymentIn(state, over), liveBy(idOf("a")))).toBe(told));

  test("it was live, and something else is, whoever brought that there", () => {
    const was = deploymentIn({ state: "succeeded", ...ended }, live);
    expect([stateAbroad(was, liveBy(idOf("b"))), stateAbroad(was, liveBy(null)), stateAbroad(was, [])]).toEqual([
      "inactive",
      "inactive",
      "inactive",
    ]);
  });
});

const app = (name: string, repository: string): string => `  ${name}:
    repository: ${repository}
    channel: "#x"
    environments: { production: { deploy: automatically, ${target(name)} } }
`;

test("apps of one repository do not take each other's place there", () => {
  const { apps, ...config } = configOf(
    `apps:\n${app("shop", "github:acme/mono")}${app("api", "github:Acme/Mono")}${app("blog", "github:acme/blog")}`,
  );
  const names = apps.flatMap((one) => one.environments.map((place) => nameAbroad({ ...config, apps }, one, place)));
  expect(names).toEqual(["shop/production", "api/production", "production"]);
});

test("a mark names the first things that are missing and counts the rest, and never a person's words", () => {
  const missing = ["Stage unit is running.", "Stage e2e has not run for this version.", "It has not been live on staging yet."].map(
    (text) => ({
      rule: "requirements" as const,
      text,
      owner: null,
      liftsAt: null,
    }),
  );
  const input = { environment, candidate: false, missing, deployment: null, rollback: null };
  expect(markOf(input)).toEqual({
    state: "pending",
    description: "Not ready for production: Stage unit is running; Stage e2e has not run for this version (and 1 more)",
  });
  expect(markOf({ ...input, candidate: true, missing: [] })).toEqual({ state: "success", description: "Ready for production" });
  const rejected = deploymentIn({ state: "rejected", ...ended, because: "Olaf broke it" });
  expect(markOf({ ...input, candidate: true, missing: [], deployment: rejected })).toEqual({
    state: "pending",
    description: "#12 to production was rejected",
  });
  const expired = deploymentIn({ state: "expired", ...ended });
  expect(markOf({ ...input, candidate: true, missing: [], deployment: expired }).description).toBe("Ready for production");
});

test("a mark calls back only what went back: a rollback that runs still, failed or was cancelled took nothing", () => {
  const asked = deploymentIn({ state: "regressed", ...ended }, { liveAt: MONDAY, rolledBackBy: idOf("b") });
  const markWith = (rollback: Deployment | null): string => {
    const { state, description } = markOf({ environment, candidate: true, missing: [], deployment: asked, rollback });
    return `${state} ${description}`;
  };
  const rollback = (state: DeploymentState, liveAt: Date | null = null): Deployment =>
    deploymentIn(state, { id: idOf("b"), kind: "rollback", liveAt });
  const still = "success Deployed to production (#12)";
  expect(markWith(rollback({ state: "executing", since: MONDAY }))).toBe(still);
  expect(markWith(rollback({ state: "needs_attention", since: MONDAY, because: "it failed", during: "executing" }))).toBe(still);
  expect(markWith(rollback({ state: "cancelled", ...ended }))).toBe(still);
  const back = "failure Rolled back from production (#12)";
  expect(markWith(rollback({ state: "succeeded_unverified", ...ended }, MONDAY))).toBe(back);
  expect(markWith(null)).toBe(back);
});
