import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { switchedHosts } from "../../../src/domain/progress.ts";
import { fleetSkip, openFleet, type Fleet } from "../../support/layout-fleet.ts";

const TARGET = 'type: docker, image: "ghcr.io/acme/shop:{revision}", services: [web]';

test.skipIf(fleetSkip !== null)(`containers change over host by host, and go back, over a real sshd (${fleetSkip ?? "here"})`, async () => {
  await using docker = await openDocker();
  const { fleet } = docker;
  const [first, second] = [fleet.commit("1"), fleet.commit("2")];
  docker.push(first, second);
  const one = fleet.plan(TARGET, "deploy", first);
  expect(one.steps.map(({ host, id }) => `${host} ${id}`)).toEqual([
    "web-1 pull",
    "web-2 pull",
    "web-1 check",
    "web-2 check",
    "web-1 restart",
    "web-1 verify",
    "web-2 restart",
    "web-2 verify",
  ]);
  expect(await fleet.run(one)).toMatchObject({ failed: null });
  expect(await fleet.run(fleet.plan(TARGET, "deploy", second))).toMatchObject({ failed: null });
  expect([docker.running(1), docker.running(2), await fleet.live(one, 1)]).toEqual([second, second, second]);
  docker.breakRegistry();
  expect(await fleet.run(fleet.plan(TARGET, "rollback", first))).toMatchObject({ failed: null });
  expect([docker.running(1), docker.running(2), await fleet.live(one, 2)]).toEqual([first, first, first]);
  // Moved to a checkout later, the server is asked for that, not for the containers it once had.
  const script = fleet.plan("recipe: script, commands: { restart: ['true'] }", "deploy", second);
  expect(await fleet.live(script, 1)).toBeNull();
});

test.skipIf(fleetSkip !== null)(`only hosts whose containers were brought up count as changed (${fleetSkip ?? "here"})`, async () => {
  await using docker = await openDocker();
  const { fleet } = docker;
  const plan = fleet.plan(TARGET, "deploy", fleet.commit("1"));
  expect(switchedHosts(plan, [began("pull", "web-1"), began("pull", "web-2")])).toEqual([]);
  expect(switchedHosts(plan, [began("pull", "web-1"), began("pull", "web-2"), began("restart", "web-1")])).toEqual(["web-1"]);
});

function began(step: string, host: string) {
  return { step, host, status: "done" as const };
}

/** Two servers with a compose file, and the stand-in as their `docker`. */
async function openDocker() {
  const bin = mkdtempSync(join(tmpdir(), "greenlight-docker-"));
  const standIn = join(import.meta.dirname, "docker-stand-in.mjs");
  writeFileSync(join(bin, "docker"), `#!/bin/sh\nexec '${process.execPath}' '${standIn}' "$@"\n`);
  chmodSync(join(bin, "docker"), 0o755);
  // Relative to where a step runs: each server has a world of its own.
  const fleet: Fleet = await openFleet({ PATH: `${bin}:/usr/bin:/bin`, DOCKER_WORLD: "world.json" });
  const world = (server: number): string => join(fleet.directory(server), "world.json");
  const change = (server: number, edit: (state: { registry: object[] }) => void): void => {
    const state = JSON.parse(readFileSync(world(server), "utf8"));
    edit(state);
    writeFileSync(world(server), JSON.stringify(state));
  };
  for (const server of [1, 2]) {
    mkdirSync(fleet.directory(server), { recursive: true });
    writeFileSync(join(fleet.directory(server), "compose.yaml"), JSON.stringify({ services: { web: { image: "${IMAGE}" } } }));
    writeFileSync(world(server), JSON.stringify({ registry: [], images: [], containers: [], calls: [] }));
  }
  return {
    fleet,
    push(...revisions: readonly string[]): void {
      const images = revisions.map((revision) => {
        const hex = (revision + revision).slice(0, 64);
        const digests = [`ghcr.io/acme/shop@sha256:${hex}`];
        return { tag: `ghcr.io/acme/shop:${revision}`, id: `sha256:${hex}`, digests, revision, healthcheck: "CMD /healthy" };
      });
      for (const server of [1, 2]) change(server, (state) => state.registry.push(...images));
    },
    breakRegistry: () => [1, 2].forEach((server) => change(server, (state) => (state.registry = []))),
    running(server: number): string {
      const { containers } = JSON.parse(readFileSync(world(server), "utf8"));
      return containers[0].image.slice(7, 47);
    },
    async [Symbol.asyncDispose]() {
      await fleet.close();
      rmSync(bin, { recursive: true, force: true });
    },
  };
}
