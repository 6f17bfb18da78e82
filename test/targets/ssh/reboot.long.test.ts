import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { hearStep, newRun, shellStep, sshPlaces } from "../../support/ssh-places.ts";
import type { SshPlace } from "../../support/ssh-places.ts";
import { until } from "../../support/until.ts";

/**
 * A host with processes and a boot id of its own: a pid namespace, in which small process ids come again after each boot, and a
 * mount over `/proc/sys/kernel/random/boot_id`. Killing the namespace's first process is the power cut.
 */
const NAMESPACE = ["--pid", "--fork", "--mount", "--mount-proc", "--kill-child=SIGKILL"];
const BOOT_ID = "/proc/sys/kernel/random/boot_id";
const allowed = spawnSync("unshare", [...NAMESPACE, "mount", "--bind", "/dev/null", BOOT_ID]).status === 0;

describe.each(sshPlaces)("a reboot in the middle of a step on $place", ({ skip, open }) => {
  beforeEach((context) => {
    if (skip !== null || !allowed) context.skip(skip ?? `unshare ${NAMESPACE.join(" ")} is not allowed here`);
  });

  /** Boots a host on this directory; the answer can cut its power. */
  async function boot(root: string, directory: string): Promise<{ place: SshPlace; cutPower(): void }> {
    const id = randomUUID();
    writeFileSync(join(root, id), `${id}\n`);
    const inside = `mount --bind ${join(root, id)} ${BOOT_ID} && exec "$@"`;
    const pid = join(root, `${id}.pid`);
    const within = ["sh", "-c", `echo $$ >${pid}; exec unshare ${NAMESPACE.join(" ")} sh -c '${inside}' sh "$@"`, "sh"];
    const place = await open({ within, directory });
    return { place, cutPower: () => process.kill(Number(readFileSync(pid, "utf8")), "SIGKILL") };
  }

  test.each([
    { moment: "while it runs", script: (mark: string) => `echo x >>${mark}; echo begun; sleep 300`, code: null },
    { moment: "after its end, before anybody heard", script: (mark: string) => `echo x >>${mark}; echo begun; exit 7`, code: 7 },
  ])("$moment: nothing starts again, no process of the new boot is touched, and the host can be had again", async ({ script, code }) => {
    const root = mkdtempSync(join(tmpdir(), "greenlight-reboot-"));
    const directory = join(root, "shop");
    const mark = join(root, "mark");
    const before = await boot(root, directory);
    const run = newRun();
    const target = before.place.target();
    expect(await target.acquire(before.place.host, run)).toMatchObject({ kind: "acquired" });
    const step = shellStep(script(mark));
    const slice = new AbortController();
    await hearStep(target, before.place.host, run, step, { signal: slice.signal, onOutput: () => slice.abort() });
    const folder = join(directory, ".greenlight/runs", run.deployment, "step.1");
    if (code !== null) await until(() => readFileSync(join(folder, "rc"), "utf8") !== "---\n");
    before.cutPower();
    await before.place.close();

    const after = await boot(root, directory);
    try {
      const bot = after.place.target();
      // The processes that have the recorded ids now: the very server that we speak to, or what it starts.
      const [runner] = readFileSync(join(folder, "pid"), "utf8").split(" ");
      writeFileSync(join(folder, "pid"), readFileSync(join(folder, "pid"), "utf8").replace(/^\d+ \d+/, code === null ? `1 0` : "$&"));
      const again = { ...run, epoch: 2 };
      expect(await bot.acquire(after.place.host, again)).toMatchObject({ kind: "acquired" });
      const heard = (await hearStep(bot, after.place.host, again, step)).outcome;
      expect(heard).toEqual(code === null ? { kind: "lost" } : { kind: "exited", code, bytes: 6 });
      expect(readFileSync(mark, "utf8")).toBe("x\n");
      expect(await bot.cancel(after.place.host, again, { graceSeconds: 1 })).toEqual({ kind: "nothing_running" });
      expect(Number(runner)).toBeGreaterThan(0);
      // The next attempt, which a person asked for, runs under a new guard.
      const next = await hearStep(bot, after.place.host, again, shellStep("echo again", { timeoutSeconds: 60 }), { attempt: 2 });
      expect(next.outcome).toEqual({ kind: "exited", code: 0, bytes: 6 });
      // Without that, the lock of the dead run can be taken over.
      const other = newRun({ number: 2 });
      expect(await bot.acquire(after.place.host, other)).toMatchObject({ kind: "busy", holder: run.deployment, running: false });
      expect(await bot.acquire(after.place.host, other, { takeOver: run.deployment })).toMatchObject({ kind: "acquired" });
      expect((await hearStep(bot, after.place.host, again, step)).outcome).toEqual({ kind: "closed" });
      expect(await bot.release(after.place.host, other, { succeeded: true, revision: null })).toEqual({ kind: "released" });
      expect(existsSync(join(directory, ".greenlight/lock"))).toBe(false);
      expect(readdirSync(join(directory, ".greenlight/closed")).toSorted()).toEqual([run.deployment, other.deployment].toSorted());
    } finally {
      after.cutPower();
      await after.place.close();
      rmSync(root, { recursive: true });
    }
  });

  test("a power cut at any moment of a step leaves one start at most, and a step that is known to be unclear", async () => {
    const root = mkdtempSync(join(tmpdir(), "greenlight-reboot-"));
    const directory = join(root, "shop");
    const run = newRun();
    let epoch = 0;
    for (const [delay, unwritten] of [
      [0, false],
      [4, false],
      [10, false],
      [20, true],
      [40, true],
    ] as const) {
      const before = await boot(root, directory);
      epoch += 1;
      const mark = join(root, `mark-${delay}`);
      const step = shellStep(`echo x >>${mark}; sleep 300`, { id: `step-${delay}` });
      const target = before.place.target();
      expect(await target.acquire(before.place.host, { ...run, epoch })).toMatchObject({ kind: "acquired" });
      const following = hearStep(target, before.place.host, { ...run, epoch }, step);
      const start = performance.now();
      await until(() => performance.now() - start >= delay);
      before.cutPower();
      expect((await following).outcome.kind).toBe("unreachable");
      await before.place.close();
      // What had not reached the disk is gone: the claim of a step that has begun, too.
      if (unwritten) rmSync(join(directory, ".greenlight/runs", run.deployment, `step-${delay}.1`), { recursive: true, force: true });

      const after = await boot(root, directory);
      epoch += 1;
      const bot = after.place.target();
      expect((await hearStep(bot, after.place.host, { ...run, epoch }, step)).outcome).toEqual({ kind: "lost" });
      expect(["", "x\n"]).toContain(existsSync(mark) ? readFileSync(mark, "utf8") : "");
      // What comes after is not in doubt.
      const next = shellStep("echo next", { id: `next-${delay}` });
      expect((await hearStep(bot, after.place.host, { ...run, epoch }, next)).outcome).toMatchObject({ kind: "exited", code: 0 });
      after.cutPower();
      await after.place.close();
    }
    rmSync(root, { recursive: true });
  });
});
