import { describe, expect, test } from "vitest";
import { staleBecause } from "../../src/domain/acceptance.ts";
import { missingFor } from "../../src/domain/candidate.ts";
import type { App } from "../../src/domain/config.ts";
import type { AfterRecord } from "../../src/domain/environment.ts";
import { emptyRun, type Run } from "../../src/domain/pipeline.ts";
import { configOf } from "../support/engine-replica.ts";
import { MONDAY, newRunId, sha } from "./model.ts";

function at(minutes: number): Date {
  return new Date(MONDAY.getTime() + minutes * 60_000);
}

function live(version: number, minutes: number): AfterRecord {
  return { revision: sha(version), liveAt: at(minutes), state: "succeeded_unverified", number: minutes };
}

function ran(version: number, from: number, to: number) {
  return { name: "acceptance", revision: sha(version), startedAt: at(from), finishedAt: at(to) };
}

describe("an acceptance run speaks for the deployment that it ran against", () => {
  test.each([
    { name: "it began after it was live, and nothing moved", run: ran(1, 5, 9), records: [live(1, 2)], because: "it counts" },
    { name: "staging moved on only afterwards", run: ran(1, 5, 9), records: [live(2, 10), live(1, 2)], because: "it counts" },
    { name: "the same version was deployed again meanwhile", run: ran(1, 5, 9), records: [live(1, 7), live(1, 2)], because: "it counts" },
    {
      name: "it was tested before something else, and again now",
      run: ran(1, 25, 29),
      records: [live(1, 20), live(2, 10), live(1, 2)],
      because: "it counts",
    },
    {
      name: "staging moved on while it ran",
      run: ran(1, 5, 9),
      records: [live(2, 7), live(1, 2)],
      because: "is stale: staging got another version",
    },
    { name: "staging had moved on before it began", run: ran(1, 12, 15), records: [live(2, 10), live(1, 2)], because: "is stale" },
    {
      name: "it moved on and came back while it ran",
      run: ran(1, 5, 9),
      records: [live(1, 8), live(2, 7), live(1, 2)],
      because: "is stale",
    },
    { name: "it began before the version was live", run: ran(1, 1, 9), records: [live(1, 2)], because: "ran before this version was live" },
    { name: "it never was live", run: ran(3, 1, 9), records: [live(1, 2)], because: "ran before this version was live" },
    { name: "nobody says when it began", run: { ...ran(1, 5, 9), startedAt: null }, records: [live(1, 2)], because: "is not known" },
    { name: "it has not ended", run: { ...ran(1, 5, 9), finishedAt: null }, records: [live(1, 2)], because: "is not known" },
  ])("$name", ({ run, records, because }) => {
    expect(staleBecause(run, "staging", records) ?? "it counts").toContain(because);
  });
});

function target(place: string): string {
  return `target: { type: ssh, hosts: [deploy@${place}.acme.test], directory: /srv/shop, recipe: django }`;
}

function appWith(acceptance: string): App {
  const config = configOf(`apps:
  shop:
    repository: github:acme/shop
    channel: "#shop"
    environments:
      staging: { deploy: automatically, ${acceptance}${target("staging")} }
      production: { requires: [acceptance], after: { environment: staging }, deploy: automatically, ${target("web")} }
`);
  const [app] = config.apps;
  if (app === undefined) throw new Error("no app");
  return app;
}

function pipelineOf(version: number, from: number, to: number): Run {
  const job = { job: "7", name: "acceptance", stage: null, allowFailure: false, url: null };
  return {
    ...emptyRun(newRunId(), "shop", sha(version)),
    workflows: [
      {
        workflowRun: "1",
        provider: "github",
        attempt: 1,
        name: "CI",
        path: ".github/workflows/ci.yml",
        trigger: "push",
        branch: "main",
        tag: false,
        ownRepository: true,
        parent: null,
        status: "passed",
        url: null,
        startedAt: at(0),
        updatedAt: at(to),
        jobs: [{ ...job, status: "passed", startedAt: at(from), finishedAt: at(to), updatedAt: at(to) }],
      },
    ],
  };
}

test("a job of a push's own pipeline is bound too, once the configuration says that it tests staging", () => {
  const moved = [live(2, 7), live(1, 2)];
  const missing = (app: App): readonly string[] => {
    const production = app.environments.find((environment) => environment.name === "production");
    if (production === undefined) throw new Error("no production");
    return missingFor(app, production, pipelineOf(1, 5, 9), moved).map((blocker) => blocker.text);
  };
  expect(missing(appWith(""))).toEqual([]);
  expect(missing(appWith("acceptance: { stage: acceptance }, "))).toEqual([
    `Stage acceptance is stale: staging got another version (${sha(2).slice(0, 7)}) while it ran.`,
  ]);
});
