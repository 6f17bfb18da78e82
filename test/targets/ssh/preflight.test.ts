import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { PRUNE } from "../../../src/targets/ssh/script/prune.ts";
import { FUNCTIONS } from "../../../src/targets/ssh/script/common.ts";
import { sudoQuestions } from "../../../src/targets/ssh/sudo.ts";
import { newRun, sshPlaces } from "../../support/ssh-places.ts";
import type { PlaceOptions, SshPlace } from "../../support/ssh-places.ts";

describe("what sudo is asked before step 1", () => {
  test.each([
    { argv: ["sudo", "-n", "systemctl", "restart", "shop"], ask: ["sudo", "-n", "-l", "--", "systemctl", "restart", "shop"] },
    {
      argv: ["sudo", "-n", "-u", "app", "--", "env", "A=b", "./manage.py"],
      ask: ["sudo", "-n", "-l", "-u", "app", "--", "env", "A=b", "./manage.py"],
    },
    { argv: ["sudo", "-n", "-u", "app", "-g", "www", "id"], ask: ["sudo", "-n", "-l", "-u", "app", "-g", "www", "--", "id"] },
  ])("$argv", ({ argv, ask }) => {
    expect(sudoQuestions([argv, argv])).toEqual([{ argv, ask }]);
  });

  test.each([
    { what: "no sudo", argv: ["systemctl", "restart", "shop"] },
    { what: "options that a question cannot have", argv: ["sudo", "-n", "-E", "id"] },
    { what: "variables that a question cannot have", argv: ["sudo", "-n", "A=b", "id"] },
    { what: "no command", argv: ["sudo", "-n"] },
  ])("$what is not asked about", ({ argv }) => {
    expect(sudoQuestions([argv])).toEqual([]);
  });
});

describe.each(sshPlaces)("before step 1 on $place", ({ place: name, skip, open }) => {
  async function withPlace(options: PlaceOptions, body: (place: SshPlace) => Promise<void>): Promise<void> {
    const place = await open(options);
    try {
      await body(place);
    } finally {
      await place.close();
    }
  }
  /** A sudo that answers `-l` as sudoers would that let nobody do anything but restart the shop, and that must never run anything. */
  function hostWithSudo(body: (place: SshPlace, said: () => string) => Promise<void>): Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), "greenlight-sudo-"));
    const log = join(folder, "log");
    writeFileSync(
      join(folder, "sudo"),
      `#!/bin/sh\necho "$*" >>${log}\nread -r nothing && exit 9\ncase "$*" in '-n -l -- systemctl restart shop') echo /usr/bin/systemctl restart shop;; *) echo "a password is required" >&2; exit 1;; esac\n`,
      { mode: 0o755 },
    );
    return withPlace({ env: { PATH: `${folder}:/usr/bin:/bin` } }, (place) =>
      body(place, () => (existsSync(log) ? readFileSync(log, "utf8") : "")),
    ).finally(() => rmSync(folder, { recursive: true }));
  }

  test("sudo is asked about each command once, without running any", async (context) => {
    if (skip !== null) context.skip(skip);
    await hostWithSudo(async (place, said) => {
      const restart = ["sudo", "-n", "systemctl", "restart", "shop"];
      const commands = [["true"], restart, restart];
      expect(await place.target().acquire(place.host, newRun(), { commands })).toMatchObject({ kind: "acquired" });
      expect(said()).toBe("-n -l -- systemctl restart shop\n");
    });
  });

  test("what sudo does not allow is refused by name, and nothing is held", async (context) => {
    if (skip !== null) context.skip(skip);
    await hostWithSudo(async (place) => {
      const commands = [
        ["sudo", "-n", "systemctl", "restart", "shop"],
        ["sudo", "-n", "-u", "app", "--", "it's", "$(touch ran)", ";touch ran"],
      ];
      expect(await place.target().acquire(place.host, newRun(), { commands })).toEqual({
        kind: "refused",
        because: expect.stringContaining("`sudo -n -u app -- it's $(touch ran) ;touch ran` without a password"),
      });
      expect(readdirSync(place.directory)).toEqual([".greenlight"]);
      expect(existsSync(join(place.directory, ".greenlight/lock"))).toBe(false);
      expect(await place.target().acquire(place.host, newRun({ number: 2 }))).toMatchObject({ kind: "acquired" });
    });
  });

  test("a host without sudo is told so before the plan needs it", async (context) => {
    if (skip !== null || existsSync("/usr/bin/sudo")) context.skip(skip ?? "this machine has sudo");
    await withPlace({}, async (place) => {
      const commands = [["sudo", "-n", "true"]];
      expect(await place.target().acquire(place.host, newRun(), { commands })).toMatchObject({ kind: "refused" });
    });
  });

  /** A directory with a file system of its own, by a mount namespace; OpenSSH's privilege separation needs root for that. */
  const flags = name === "sandbox host" ? "-rm" : "-m";
  const why = skip ?? (spawnSync("unshare", [flags, "true"]).status === 0 ? null : `unshare ${flags} is not allowed here`);
  test.for([
    { what: "too few inodes", mount: "size=64m,nr_inodes=900,mode=700", says: "inodes" },
    { what: "too little space", mount: "size=8m,mode=700", says: "space" },
    { what: "a file system that is read-only", mount: "ro,mode=700", says: "not writable" },
  ])("$what is refused, and nothing is held", async ({ mount, says }, context) => {
    if (why !== null) context.skip(why);
    const folder = mkdtempSync(join(tmpdir(), "greenlight-mount-"));
    const within = ["unshare", flags, "sh", "-c", `mount -t tmpfs -o ${mount} tmpfs ${folder} && exec "$@"`, "sh"];
    await withPlace({ within, directory: folder }, async (place) => {
      const usual = { minimumFreeBytes: 16 * 1024 * 1024 };
      expect(await place.target(usual).acquire(place.host, newRun())).toEqual({
        kind: "refused",
        because: expect.stringContaining(says),
      });
      expect(await place.target(usual).read(place.host)).toMatchObject({ kind: "read", facts: { highestNumber: 0 } });
    }).finally(() => rmSync(folder, { recursive: true }));
  });
});

test.for(["dash", "bash", "busybox sh"])(
  "%s: the newest run stays whatever its size, older ones by number and by size",
  (shell, context) => {
    const [program = "sh", ...words] = shell.split(" ");
    if (spawnSync(program, [...words, "-c", "true"]).error !== undefined) context.skip(`${program} is not installed`);
    const folder = mkdtempSync(join(tmpdir(), "greenlight-prune-"));
    const runs = join(folder, ".greenlight/runs");
    mkdirSync(join(folder, ".greenlight/closed"), { recursive: true });
    const names = ["d4", "c3", "b2", "a1"];
    for (const [index, run] of names.toReversed().entries()) {
      mkdirSync(join(runs, run, "step.1"), { recursive: true });
      writeFileSync(join(runs, run, "step.1/log"), Buffer.alloc(run === "c3" ? 10 : 200 * 1024, "x"));
      if (run !== "a1") writeFileSync(join(folder, ".greenlight/closed", run), "");
      spawnSync("touch", ["-d", `2026-01-0${index + 1}`, join(runs, run)]);
    }
    const script = `s=.greenlight\n${FUNCTIONS}\n${PRUNE}\nset -f\nprune_runs "$1" "$2"`;
    const prune = (keep: number, kib: number) => {
      const done = spawnSync(program, [...words, "-c", script, "sh", String(keep), String(kib)], { cwd: folder, encoding: "utf8" });
      expect(done.stderr).toBe("");
      return readdirSync(runs).toSorted();
    };
    expect(prune(20, 10_000)).toEqual(["a1", "b2", "c3", "d4"]);
    // b2 is too large beside d4; a1 is not closed.
    expect(prune(20, 300)).toEqual(["a1", "c3", "d4"]);
    expect(prune(1, 300)).toEqual(["a1", "d4"]);
    expect(prune(1, 1)).toEqual(["a1", "d4"]);
    rmSync(folder, { recursive: true });
  },
);
