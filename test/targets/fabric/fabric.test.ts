import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { newKeyPair } from "../../../sandbox/host/keys.ts";
import type { Host } from "../../../src/domain/config.ts";
import { fabricCommands, type FabricRecipe } from "../../../src/domain/recipe/fabric.ts";
import { revisionCommand } from "../../../src/domain/recipe/revision.ts";
import { parseSha, type Sha } from "../../../src/domain/ids.ts";
import { startSshd } from "../../support/sshd.ts";
import { whyNoFabric } from "./why-no-fabric.ts";

const skip = whyNoFabric();

const FABFILE = `from fabric import task

@task
def deploy(c, ref):
    c.run(f"git -C {c.config.folder} checkout --quiet --detach {ref}")

@task
def tip(c, ref):
    c.run(f"git -C {c.config.folder} checkout --quiet --detach main")

@task
def breaks(c, ref):
    c.run("exit 3")
`;

test.skipIf(skip !== null)(`the real Fabric brings the approved revision to every host, and back (${skip ?? "here"})`, async () => {
  await using place = await openPlace();
  const recipe = place.recipe("deploy");
  expect(place.onControl(fabricCommands(recipe, { kind: "deploy", hosts: place.hosts }).check)).toMatchObject({ status: 0 });
  expect(place.onControl(fabricCommands(recipe, { kind: "deploy", hosts: place.hosts }).run, place.second)).toMatchObject({ status: 0 });
  expect(place.ask(place.second)).toEqual(["", ""]);
  expect(place.onControl(fabricCommands(recipe, { kind: "rollback", hosts: place.hosts }).run, place.first)).toMatchObject({ status: 0 });
  expect(place.ask(place.first)).toEqual(["", ""]);
});

test.skipIf(skip !== null)(
  `a fabfile that deploys the tip of a branch does not pass for what was approved (${skip ?? "here"})`,
  async () => {
    await using place = await openPlace();
    const commands = fabricCommands(place.recipe("tip"), { kind: "deploy", hosts: place.hosts });
    expect(place.onControl(commands.run, place.first)).toMatchObject({ status: 0 });
    const because = `approved ${place.first}, this server has ${place.second}\n`;
    expect(place.ask(place.first)).toEqual([because, because]);
  },
);

test.skipIf(skip !== null)(`a task that fails, and one that is not there, fail the step (${skip ?? "here"})`, async () => {
  await using place = await openPlace();
  for (const task of ["breaks", "depoly"]) {
    const commands = fabricCommands(place.recipe(task), { kind: "deploy", hosts: place.hosts });
    expect(place.onControl(commands.run, place.first).status).not.toBe(0);
  }
});

const LOCAL: Host = { name: "ops", address: "127.0.0.1", port: 22, user: "deploy", directory: "/srv/ops" };

test("Fabric 1 gets its own form of the same call, and its own way back", () => {
  const recipe: FabricRecipe = {
    argv: ["fab", "-H", "{hosts}", "deploy:ref={revision}"],
    rollback: ["fab", "-H", "{hosts}", "rollback:to={revision}"],
  };
  const hosts: readonly Host[] = [LOCAL, { ...LOCAL, address: "::1", port: 2222 }];
  expect(fabricCommands(recipe, { kind: "deploy", hosts }).run).toEqual([
    "fab",
    "-H",
    "deploy@127.0.0.1:22,deploy@[::1]:2222",
    "deploy:ref={revision}",
  ]);
  expect(fabricCommands(recipe, { kind: "rollback", hosts }).run?.at(-1)).toBe("rollback:to={revision}");
});

test.each([
  { name: "Fabric 1", says: "Fabric 1.14.1\\nParamiko 2.12.0", answer: "Fabric 1.14.1" },
  { name: "another tool of that name", says: "fab version 1.4.0 (Microsoft)", answer: "is not Fabric" },
])("the check before anything changes knows $name", ({ says, answer }) => {
  const folder = mkdtempSync(join(tmpdir(), "greenlight-fab-"));
  writeFileSync(join(folder, "fab"), `#!/bin/sh\n[ "$*" = --version ] && printf '${says}\\n'\n`);
  chmodSync(join(folder, "fab"), 0o755);
  const { check = [] } = fabricCommands({ argv: [join(folder, "fab"), "deploy"], rollback: null }, { kind: "deploy", hosts: [LOCAL] });
  const [program = "", ...words] = check;
  const ended = spawnSync(program, words, { encoding: "utf8" });
  rmSync(folder, { recursive: true });
  expect(ended.stdout + ended.stderr).toContain(answer);
  expect(ended.status).toBe(answer === "is not Fabric" ? 1 : 0);
});

function shaOf(text: string): Sha {
  const sha = parseSha(text);
  if (sha === null) throw new Error(`no revision: ${text}`);
  return sha;
}

function run(argv: readonly string[] | undefined, cwd: string, revision = "") {
  const [program = "", ...words] = (argv ?? []).map((word) => word.replaceAll("{revision}", revision));
  return spawnSync(program, words, { cwd, encoding: "utf8", env: { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null" } });
}

/** One real sshd, two checkouts behind it as two hosts, and a control checkout with a fabfile. */
async function openPlace() {
  const root = mkdtempSync(join(tmpdir(), "greenlight-fabric-"));
  const key = newKeyPair();
  writeFileSync(join(root, "key"), key.privateKey, { mode: 0o600 });
  const sshd = await startSshd({ authorizedKey: key.publicKey });
  const shop = join(root, "shop");
  execFileSync("git", ["init", "--quiet", "--initial-branch", "main", shop]);
  const commit = (): Sha => {
    execFileSync("git", [
      "-C",
      shop,
      "-c",
      "user.name=a",
      "-c",
      "user.email=a@acme.test",
      "commit",
      "--quiet",
      "--allow-empty",
      "-m",
      "next",
    ]);
    return shaOf(execFileSync("git", ["-C", shop, "rev-parse", "HEAD"], { encoding: "utf8" }).trim());
  };
  const first = commit();
  const second = commit();
  const control = join(root, "control");
  mkdirSync(control);
  writeFileSync(join(control, "fabfile.py"), FABFILE);
  writeFileSync(join(control, "fabric.json"), JSON.stringify({ folder: shop }));
  const host: Host = { name: "web-1", address: sshd.address, port: sshd.port, user: sshd.user, directory: shop };
  const hosts = [host, { ...host, name: "web-2" }];
  return {
    first,
    second,
    hosts,
    recipe: (task: string): FabricRecipe => ({
      argv: ["fab", "-i", join(root, "key"), "-H", "{hosts}", task, "--ref={revision}"],
      rollback: null,
    }),
    onControl: (argv: readonly string[] | undefined, revision = "") => run(argv, control, revision),
    /** What each host complains about when asked for the revision. */
    ask: (revision: Sha) => hosts.map(({ directory }) => run(revisionCommand(revision, false), directory).stderr),
    async [Symbol.asyncDispose]() {
      await sshd.close();
      if (existsSync(root)) rmSync(root, { recursive: true, force: true });
    },
  };
}
