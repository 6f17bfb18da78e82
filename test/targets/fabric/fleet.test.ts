import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { switchedHosts } from "../../../src/domain/progress.ts";
import { git, openFleet } from "../../support/layout-fleet.ts";
import { whyNoFabric } from "./why-no-fabric.ts";

const skip = whyNoFabric();

/** Takes the revision it is told, or the tip of the branch. */
const FABFILE = `from fabric import Connection, task

@task
def deploy(c, ref):
    Connection(c.host, c.user, c.port, connect_kwargs=c.connect_kwargs).run(f"git -C {c.config.folder} checkout --quiet --detach {ref}")
`;

test.skipIf(skip !== null)(`the fabfile runs on the first host, and the others are asked what they have (${skip ?? "here"})`, async () => {
  const fleet = await openFleet();
  try {
    writeFileSync(join(fleet.origin, "fabfile.py"), FABFILE);
    const [first, second] = [fleet.commit("1"), fleet.commit("2")];
    for (const server of [1, 2]) git(fleet.directory(server), "clone", "--quiet", fleet.origin, ".");
    writeFileSync(join(fleet.directory(1), ".git", "info", "exclude"), "fabric.json\n");
    writeFileSync(join(fleet.directory(1), "fabric.json"), JSON.stringify({ folder: fleet.directory(2) }));
    const key = join(fleet.place.home, "fab-key");
    writeFileSync(key, fleet.place.privateKey, { mode: 0o600 });
    const target = (ref: string): string =>
      `type: fabric, origin: "${fleet.origin}", task: [fab, -i, "${key}", -H, "{hosts}", deploy, "--ref=${ref}"]`;
    const plan = fleet.plan(target("{revision}"), "deploy", first);
    expect(plan.steps.map(({ host, id }) => `${host} ${id}`)).toEqual(["web-1 pull", "web-1 check", "web-1 run", "web-2 revision"]);
    expect(await fleet.run(plan)).toMatchObject({ failed: null });
    expect(git(fleet.directory(2), "rev-parse", "HEAD")).toBe(first);
    const tip = await fleet.run(fleet.plan(target("main"), "rollback", first));
    expect(tip.failed).toContain(`approved ${first}, this server has ${second}`);
  } finally {
    await fleet.close();
  }
});

test.skipIf(skip !== null)(`from its start the fabfile may have changed every host (${skip ?? "here"})`, async () => {
  const fleet = await openFleet();
  const plan = fleet.plan('type: fabric, task: [fab, "--ref={revision}"]', "deploy", fleet.commit("1"));
  await fleet.close();
  expect(switchedHosts(plan, [began("pull")])).toEqual([]);
  expect(switchedHosts(plan, [began("pull"), began("run")])).toEqual(["web-1", "web-2"]);
});

function began(step: string) {
  return { step, host: "web-1", status: "running" as const };
}
