import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { SshRun } from "../../../src/targets/ssh/protocol.ts";
import { BOTH_INSTALLED, BOTH_RESTARTED, fleetSkip, git, openFleet, releases, witness, type Fleet } from "../../support/layout-fleet.ts";
import { until } from "../../support/until.ts";

let fleet: Fleet;
beforeEach(async (context) => {
  if (fleetSkip !== null) context.skip(fleetSkip);
  fleet = await openFleet();
});
afterEach(() => fleet?.close());

describe("releases on two servers", () => {
  test("are built, switched to, and gone back to without anything but the connection", async () => {
    for (const server of [1, 2]) {
      mkdirSync(join(fleet.directory(server), "shared"));
      writeFileSync(join(fleet.directory(server), "shared/.env"), `secret of ${server}`);
    }
    const words = releases(fleet, ', shared: [.env, "media/", "var/log/"]');
    const first = fleet.commit("one");
    expect(await fleet.run(fleet.plan(words, "deploy", first))).toMatchObject({ ok: true });
    expect(witness(fleet)).toEqual(BOTH_INSTALLED);
    writeFileSync(join(fleet.directory(2), "current/media/photo"), "of a product");
    const second = fleet.commit("two");
    const there = fleet.plan(words, "deploy", second);
    expect(await fleet.run(there)).toMatchObject({ ok: true });
    for (const server of [1, 2]) {
      expect(fleet.current(server, "version")).toBe("two");
      expect(fleet.current(server, "REVISION")).toBe(second);
      expect(fleet.current(server, ".env")).toBe(`secret of ${server}`);
      expect(fleet.current(server, "venv/made")).toBe(join(fleet.directory(server), fleet.release(server) ?? ""));
      expect(await fleet.live(there, server)).toBe(second);
    }
    expect(fleet.current(2, "media/photo")).toBe("of a product");
    witness(fleet);

    renameSync(fleet.origin, `${fleet.origin}-away`);
    for (const server of [1, 2]) rmSync(join(fleet.directory(server), "repo"), { recursive: true });
    const back = fleet.plan(words, "rollback", first);
    const went = await fleet.run(back);
    expect(went).toMatchObject({ ok: true });
    expect(went.said.get("web-1 pull")).toContain("was built before: nothing is fetched, nothing is installed");
    expect(witness(fleet)).toEqual(BOTH_RESTARTED);
    for (const server of [1, 2]) {
      expect(fleet.current(server, "version")).toBe("one");
      expect(await fleet.live(back, server)).toBe(first);
    }
  });
});

describe("a release that is not whole", () => {
  test("because its pull was killed is never switched to, and is built anew", async () => {
    const first = fleet.commit("one");
    await fleet.run(fleet.plan(releases(fleet), "deploy", first));
    const was = fleet.release(1);
    const second = fleet.commit("two");
    // Stops after the work tree is there and before the rest.
    const bin = join(fleet.place.home, "bin");
    mkdirSync(bin);
    writeFileSync(join(bin, "git"), STOPPING_GIT);
    chmodSync(join(bin, "git"), 0o755);
    const path = `, environment: { PATH: "${bin}:${process.env["PATH"]}", STOP: "${fleet.place.home}/stop" }`;
    const plan = fleet.plan(releases(fleet, path), "deploy", second);
    writeFileSync(join(fleet.place.home, "stop"), "");
    let run: SshRun | null = null;
    const going = fleet.run(plan, { onRun: (its) => (run = its) });
    await until(
      () => existsSync(join(fleet.place.home, "stop.web-1")) && existsSync(join(fleet.place.home, "stop.web-2")),
      () => "git was not reached",
    );
    for (const host of plan.hosts) await fleet.target.cancel(host, run ?? fail(), { graceSeconds: 1 });
    expect(await going).toMatchObject({ ok: false });
    expect(fleet.release(1)).toBe(was);
    const switching = { ...plan, steps: plan.steps.filter((step) => step.id === "switch") };
    expect(await fleet.run(switching)).toMatchObject({ ok: false, failed: expect.stringContaining("is not whole") });
    expect(fleet.release(1)).toBe(was);
    rmSync(join(fleet.place.home, "stop"));
    for (const server of [1, 2]) writeFileSync(join(fleet.directory(server), "repo/refs/remotes/origin/main.lock"), "");
    expect(await fleet.run(plan)).toMatchObject({ ok: true });
    expect([fleet.current(1, "version"), fleet.current(2, "version")]).toEqual(["two", "two"]);
    expect(existsSync(join(fleet.directory(1), "repo/refs/remotes/origin/main.lock"))).toBe(false);
  });
});

describe("what people did by hand", () => {
  test("as one checkout goes on as releases, from the same origin", async () => {
    const first = fleet.commit("one");
    for (const server of [1, 2]) git(fleet.place.home, "clone", "--quiet", fleet.origin, `web-${server}`);
    const words = "recipe: script, layout: releases, commands: { restart: ['true'] }";
    const second = fleet.commit("two");
    const plan = fleet.plan(words, "deploy", second);
    expect(await fleet.live(plan, 1)).toBe(first);
    expect(await fleet.run(plan)).toMatchObject({ ok: true });
    expect(await fleet.live(plan, 1)).toBe(second);
    expect(readFileSync(join(fleet.directory(1), "version"), "utf8")).toBe("one\n");
  });
});

test("a script that takes the tip of a branch does not pass for the approved revision", async () => {
  const first = fleet.commit("one");
  for (const server of [1, 2]) git(fleet.place.home, "clone", "--quiet", fleet.origin, `web-${server}`);
  const second = fleet.commit("two");
  const words = "recipe: script, commands: { pull: ['true'], restart: [sh, -c, 'git fetch -q && git reset -q --hard origin/main'] }";
  const went = await fleet.run(fleet.plan(words, "deploy", first));
  expect(went.failed).toContain(`web-1 revision: approved ${first}, this server has ${second}`);
  expect(await fleet.run(fleet.plan(words, "deploy", second))).toMatchObject({ ok: true });
});

/** git, which stays for good behind the making of a work tree while it is told to. */
const STOPPING_GIT = `#!/bin/sh
PATH=\${PATH#*:}; export PATH
git "$@" || exit
case "$*" in *"worktree add"*) [ ! -e "$STOP" ] || { : >"$STOP.\${PWD##*/}"; sleep 600; };; esac
`;

function fail(): never {
  throw new Error("there is none");
}
