import { appendFileSync, chmodSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Sha } from "../../../src/domain/ids.ts";
import { BOTH_INSTALLED, BOTH_RESTARTED, fleetSkip, openFleet, releases, witness, type Fleet } from "../../support/layout-fleet.ts";

let fleet: Fleet;
beforeEach(async (context) => {
  if (fleetSkip !== null) context.skip(fleetSkip);
  fleet = await openFleet();
});
afterEach(() => fleet?.close());

describe("releases", () => {
  test("of another configuration are gone back to as they were built", async () => {
    const first = fleet.commit("one");
    await fleet.run(fleet.plan(releases(fleet), "deploy", first));
    const built = fleet.release(1);
    await fleet.run(fleet.plan(releases(fleet, ', environment: { A: "1" }'), "deploy", fleet.commit("two")));
    witness(fleet);
    expect(await fleet.run(fleet.plan(releases(fleet, ', environment: { A: "1" }'), "rollback", first))).toMatchObject({ ok: true });
    expect(witness(fleet)).toEqual(BOTH_RESTARTED);
    expect(fleet.release(1)).toBe(built);
    // The same revision deployed forwards is built as the configuration says now, beside what is live.
    expect(await fleet.run(fleet.plan(releases(fleet, ', environment: { A: "1" }'), "deploy", first))).toMatchObject({ ok: true });
    expect(witness(fleet)).toEqual(BOTH_INSTALLED);
    expect(fleet.release(1)).not.toBe(built);
  });

  test("that are gone are built again by a rollback, which says so", async () => {
    const first = fleet.commit("one");
    await fleet.run(fleet.plan(releases(fleet), "deploy", first));
    await fleet.run(fleet.plan(releases(fleet), "deploy", fleet.commit("two")));
    for (const name of names())
      if (!fleet.release(1)?.endsWith(name)) rmSync(join(fleet.directory(1), "releases", name), { recursive: true });
    witness(fleet);
    const went = await fleet.run(fleet.plan(releases(fleet), "rollback", first));
    expect(went).toMatchObject({ ok: true });
    expect(went.said.get("web-1 pull")).toContain("it is built again");
    expect(witness(fleet)).toEqual(["web-1 installed", ...BOTH_RESTARTED]);
    expect([fleet.current(1, "version"), fleet.current(2, "version")]).toEqual(["one", "one"]);
  });

  test("are pruned, except what is live and what was live before it", async () => {
    const words = releases(fleet, ", keep: 2");
    const deployed: Sha[] = [];
    const deploy = async (version: string): Promise<void> => {
      const revision = fleet.commit(version);
      deployed.push(revision);
      expect(await fleet.run(fleet.plan(words, "deploy", revision))).toMatchObject({ ok: true });
    };
    await deploy("one");
    await deploy("two");
    const second = deployed[1] ?? never();
    await deploy("three");
    await deploy("four");
    const kept = (): readonly number[] =>
      names()
        .map((name) => deployed.findIndex((sha) => sha.startsWith(name.slice(0, 12))))
        .toSorted();
    // While the fourth was built, the third was live and the second was the way back.
    expect(kept()).toEqual([1, 2, 3]);
    await fleet.run(fleet.plan(words, "rollback", second));
    await deploy("five");
    expect(kept()).toEqual([1, 3, 4]);
    expect(fleet.current(1, "version")).toBe("five");
    expect(await fleet.run(fleet.plan(words, "rollback", second))).toMatchObject({ ok: true });
    expect(fleet.current(2, "version")).toBe("two");
  });

  test("because its installation did not end is not taken for built", async () => {
    const first = fleet.commit("one");
    await fleet.run(fleet.plan(releases(fleet), "deploy", first));
    const second = fleet.commit("two");
    await fleet.run(fleet.plan(releases(fleet), "deploy", second), { until: "switch" });
    witness(fleet);
    writeFileSync(join(fleet.directory(1), "releases", names().find((name) => second.startsWith(name.slice(0, 12))) ?? "", "half"), "");
    const went = await fleet.run(fleet.plan(releases(fleet), "deploy", second));
    expect(went).toMatchObject({ ok: true });
    expect(witness(fleet)).toEqual(BOTH_INSTALLED);
    expect(fleet.current(1, "half")).toBeNull();
  });
});

test("steps of other users are asked about first, and run as them with the environment", async () => {
  // Stands in for sudo: who, and what is asked or run; a user named `nobody` is refused.
  const sudo = join(fleet.place.home, "bin/sudo");
  mkdirSync(join(fleet.place.home, "bin"));
  writeFileSync(
    sudo,
    `#!/bin/sh\nask=no\nwhile :; do case $1 in -n) shift;; -l) ask=yes; shift;; -u) who=$2; shift 2;; --) shift; break;; *) break;; esac; done\n` +
      `[ "$who" != nobody ] || exit 1\n[ $ask = no ] || { echo "asked $who" >>${fleet.place.home}/witness; exit 0; }\nWHO=$who exec "$@"\n`,
  );
  chmodSync(sudo, 0o755);
  const environment = `, environment: { A: "it's 1" }`;
  const tell = (step: string): string => `[sh, -c, 'echo "${step} as $WHO with $A" >>${fleet.place.home}/witness']`;
  const words = (user: string): string =>
    `recipe: script, layout: releases, origin: "${fleet.origin}"${environment}, users: { restart: ${user} }, ` +
    `before: { restart: [${tell("before")}] }, commands: { restart: ${tell("restart")} }`;
  const served = await openFleet({ PATH: `${join(fleet.place.home, "bin")}:${process.env["PATH"]}` });
  try {
    const revision = served.commit("one");
    const origin = (text: string): string => text.replace(fleet.origin, served.origin);
    await expect(served.run(served.plan(origin(words("nobody")), "deploy", revision))).rejects.toThrow("sudo does not let");
    expect(served.release(1)).toBeNull();
    witness(fleet);
    expect(await served.run(served.plan(origin(words("shop")), "deploy", revision))).toMatchObject({ ok: true });
    const onBoth = ["asked shop", "asked shop", "before as shop with it's 1", "restart as shop with it's 1"];
    expect(witness(fleet)).toEqual(onBoth.flatMap((line) => [line, line]));
  } finally {
    await served.close();
  }
});

describe("what people did by hand", () => {
  test("in the live release stops a deployment, never a rollback", async () => {
    const [first, second] = [fleet.commit("one"), fleet.commit("two")];
    await fleet.run(fleet.plan(releases(fleet), "deploy", first));
    await fleet.run(fleet.plan(releases(fleet), "deploy", second));
    appendFileSync(join(fleet.directory(1), "current/version"), "repaired");
    const refused = await fleet.run(fleet.plan(releases(fleet), "deploy", fleet.commit("three")));
    expect(refused.failed).toMatch(/web-1 pull: somebody changed files of the live release by hand[^]*version/);
    const repaired = join(fleet.directory(1), fleet.release(1) ?? "", "version");
    expect(await fleet.run(fleet.plan(releases(fleet), "rollback", first))).toMatchObject({ ok: true });
    expect(fleet.current(1, "version")).toBe("one");
    expect(readFileSync(repaired, "utf8")).toContain("repaired");
    // Gone back to once more, it is not what was approved: built anew, and the repair is kept beside.
    expect(await fleet.run(fleet.plan(releases(fleet), "rollback", second))).toMatchObject({ ok: true });
    expect(fleet.current(1, "version")).toBe("two");
    expect(names().some((name) => name.includes(".changed-"))).toBe(true);
  });

  test("before the first deployment is told, not overwritten", async () => {
    const words = releases(fleet, ", shared: [.env]");
    const first = fleet.commit("one");
    expect((await fleet.run(fleet.plan(words, "deploy", first))).failed).toContain("shared/.env is not on this server");
    mkdirSync(join(fleet.directory(1), "current"));
    expect((await fleet.run(fleet.plan(releases(fleet), "deploy", first))).failed).toContain("web-1 pull: current is no link here");
    expect(fleet.release(2)).toBeNull();
  });
});

/** Names of the releases on the first server. */
function names(): readonly string[] {
  return readdirSync(join(fleet.directory(1), "releases"));
}

function never(): never {
  throw new Error("there is none");
}
