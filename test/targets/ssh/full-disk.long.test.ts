import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { hearStep, newRun, shellStep, sshPlaces } from "../../support/ssh-places.ts";
import type { SshPlace } from "../../support/ssh-places.ts";
import { until } from "../../support/until.ts";

/**
 * A file system of 128 KiB in a mount namespace of its own: `-r` needs no rights on the machine, but OpenSSH's
 * privilege separation cannot live in it, so a real sshd takes part only where root runs the tests.
 */
const allowed = (flags: string) => spawnSync("unshare", [flags, "true"]).status === 0;
const small = sshPlaces.map((place) => {
  const flags = place.place === "sandbox host" ? "-rm" : "-m";
  return { ...place, flags, skip: place.skip ?? (allowed(flags) ? null : `unshare ${flags} is not allowed here`) };
});

describe.each(small)("a full disk on $place", ({ skip, open, flags }) => {
  beforeEach((context) => {
    if (skip !== null) context.skip(skip);
  });
  /** A host that sees a small file system in `folder`; the steps' marks are written elsewhere. */
  function openSmall(folder: string): Promise<SshPlace> {
    const mount = `mount -t tmpfs -o size=128k,mode=700 tmpfs ${folder} && exec "$@"`;
    return open({ within: ["unshare", flags, "sh", "-c", mount, "sh"], directory: folder });
  }

  test.each([0, 4, 8, 12, 16, 24])("%i KiB left: nothing starts twice, nothing cut is run", async (kib) => {
    const folder = mkdtempSync(join(tmpdir(), "greenlight-full-"));
    const place = await openSmall(folder);
    try {
      const target = place.target();
      const run = newRun();
      expect(await target.acquire(place.host, run)).toMatchObject({ kind: "acquired" });
      const other = { ...place.host, directory: place.home };
      const aside = newRun();
      expect(await target.acquire(other, aside)).toMatchObject({ kind: "acquired" });
      const fill = shellStep(
        `head -c 1M /dev/zero >${folder}/fill 2>/dev/null; truncate -s -${kib}K ${folder}/fill; df -Pk ${folder} | tail -n 1`,
        { id: "fill" },
      );
      expect((await hearStep(target, other, aside, fill)).outcome).toMatchObject({ kind: "exited", code: 0 });

      const outcomes: string[] = [];
      // Over 4,096 bytes: cut at a block's border it would still be a command, and a harmful one.
      const padding = "x".repeat(4200);
      for (let number = 1; number <= 8; number += 1) {
        const mark = join(place.home, `mark-${number}`);
        const step = shellStep(`: ${number % 2 === 0 ? padding : ""}; echo ${number} >>${mark}`, { id: `step-${number}` });
        for (let asked = 0; asked < 3; asked += 1) outcomes.push((await hearStep(target, place.host, run, step)).outcome.kind);
        expect(["", `${number}\n`]).toContain(existsSync(mark) ? readFileSync(mark, "utf8") : "");
      }
      expect(outcomes.filter((kind) => !["refused", "exited", "lost"].includes(kind))).toEqual([]);
      expect(outcomes).toContain("refused");

      // With a full disk the fence still rises and a running step can still be ended.
      expect((await hearStep(target, place.host, { ...run, epoch: 9 }, shellStep("true"))).outcome.kind).not.toBe("stale");
      expect((await hearStep(target, place.host, { ...run, epoch: 8 }, shellStep("true"))).outcome).toEqual({
        kind: "stale",
        seenEpoch: 9,
      });

      // With room again, what was refused can be asked again and runs; what is unclear stays lost.
      expect((await hearStep(target, other, aside, shellStep(`rm ${folder}/fill`, { id: "free" }))).outcome).toMatchObject({ code: 0 });
      for (let number = 1; number <= 8; number += 1) {
        const mark = join(place.home, `mark-${number}`);
        const step = shellStep(`: ${number % 2 === 0 ? padding : ""}; echo ${number} >>${mark}`, { id: `step-${number}` });
        const { outcome } = await hearStep(target, place.host, { ...run, epoch: 9 }, step);
        // Eight steps and their files need more than 128 KiB, so the last ones meet a full disk again.
        expect(number <= 2 ? ["exited", "lost"] : ["exited", "lost", "refused"]).toContain(outcome.kind);
        expect(existsSync(mark) ? readFileSync(mark, "utf8") : "").toBe(outcome.kind === "exited" ? `${number}\n` : "");
      }
      expect(await target.release(place.host, { ...run, epoch: 9 }, { succeeded: false, revision: null })).toEqual({ kind: "released" });
    } finally {
      await place.close();
      rmSync(folder, { recursive: true });
    }
  });

  /** A host whose disk can be filled to the last byte and emptied again, by steps of another directory on the same host. */
  async function withFillable(body: (on: Fillable) => Promise<void>): Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), "greenlight-full-"));
    const place = await openSmall(folder);
    try {
      const target = place.target();
      const aside = { host: { ...place.host, directory: place.home }, run: newRun() };
      expect(await target.acquire(aside.host, aside.run)).toMatchObject({ kind: "acquired" });
      let steps = 0;
      const shell = async (script: string): Promise<string> => {
        steps += 1;
        const { outcome, bytes } = await hearStep(target, aside.host, aside.run, shellStep(script, { id: `aside-${steps}` }));
        expect(outcome).toMatchObject({ kind: "exited", code: 0 });
        return bytes.toString();
      };
      await body({
        place,
        shell,
        fill: () => shell(`cat /dev/zero >${folder}/fill 2>/dev/null; : full`),
        empty: () => shell(`rm -f ${folder}/fill`),
        read: (file) => shell(`cat ${folder}/.greenlight/${file} 2>/dev/null; :`),
      });
    } finally {
      await place.close();
      rmSync(folder, { recursive: true });
    }
  }

  test("acquire, takeover and release on a full disk: the host is held by one run or by none, and by nobody who was not told", async () => {
    await withFillable(async ({ place, fill, empty, read }) => {
      const target = place.target();
      const [first, second] = [newRun({ number: 1 }), newRun({ number: 2 })];
      await fill();
      expect(await target.acquire(place.host, first)).toMatchObject({ kind: "refused", because: expect.stringContaining("space") });
      expect(await read("lock")).toBe("");
      await empty();
      expect(await target.acquire(place.host, first)).toMatchObject({ kind: "acquired" });
      await fill();
      const taken = await target.acquire(place.host, second, { takeOver: first.deployment });
      expect(taken).toMatchObject({ kind: "refused" });
      expect(await read("lock")).toMatch(new RegExp(`^${first.deployment} 1 [0-9]+\n$`));
      // The old run may be closed by now, which is what the person wanted; it never becomes the holder of two things.
      expect((await hearStep(target, place.host, second, shellStep("true"))).outcome).toEqual({
        kind: "not_acquired",
        holder: first.deployment,
      });
      await empty();
      expect(await target.acquire(place.host, second, { takeOver: first.deployment })).toMatchObject({ kind: "acquired" });
      expect((await hearStep(target, place.host, first, shellStep("true"))).outcome).toEqual({ kind: "closed" });
      await fill();
      const released = await target.release(place.host, second, { succeeded: false, revision: null });
      const [lock, tombstone] = [await read("lock"), await read(`closed/${second.deployment}`)];
      // Closed before freed: free without a tombstone would let a late command start.
      expect({ kind: released.kind, free: lock === "" }).toEqual(
        released.kind === "released" ? { kind: "released", free: true } : { kind: "refused", free: false },
      );
      await empty();
      expect(await target.release(place.host, second, { succeeded: false, revision: null })).toEqual({ kind: "released" });
      expect((await hearStep(target, place.host, second, shellStep("true"))).outcome).toEqual({ kind: "closed" });
      expect(tombstone === "" || tombstone.startsWith("2 ")).toBe(true);
    });
  });

  test("with a full disk and no bot a step that ignores TERM is ended at its timeout, and why is recorded", async (context) => {
    const [proven] = small.filter((one) => one.skip === null);
    if (proven?.open !== open) context.skip(`shown on ${proven?.place}; it takes a timeout and a grace`);
    await withFillable(async ({ place, fill, empty, read }) => {
      const bot = place.target();
      const run = newRun();
      expect(await bot.acquire(place.host, run)).toMatchObject({ kind: "acquired" });
      const step = shellStep(`trap "" TERM; echo $$ >${place.home}/pid; echo begun; while :; do sleep 1; done`, { timeoutSeconds: 5 });
      const slice = new AbortController();
      await hearStep(bot, place.host, run, step, { signal: slice.signal, onOutput: () => slice.abort() });
      await bot.close();
      await fill();
      await until(
        async () =>
          /^total .*\n137\n$/.test((await read(`runs/${run.deployment}/step.1/ended`)) + (await read(`runs/${run.deployment}/step.1/rc`))),
        () => "it was not ended",
        60_000,
      );
      expect((await hearStep(place.target(), place.host, run, step)).outcome).toEqual({ kind: "timed_out", after: "total" });
      const stat = `/proc/${readFileSync(join(place.home, "pid"), "utf8").trim()}/stat`;
      expect(existsSync(stat) ? readFileSync(stat, "utf8") : ") Z ").toContain(") Z ");
      await empty();
    });
  });

  test("a log that fills the disk costs the step its output, not its exit code", async () => {
    const folder = mkdtempSync(join(tmpdir(), "greenlight-full-"));
    const place = await openSmall(folder);
    try {
      const target = place.target();
      const run = newRun();
      await target.acquire(place.host, run);
      expect((await hearStep(target, place.host, run, shellStep("head -c 1M /dev/zero; exit 3"))).outcome).toMatchObject({
        kind: "exited",
        code: 3,
      });
    } finally {
      await place.close();
      rmSync(folder, { recursive: true });
    }
  });
});

type Fillable = {
  readonly place: SshPlace;
  shell(script: string): Promise<string>;
  fill(): Promise<string>;
  empty(): Promise<string>;
  /** A file of the state folder, which only the host's own namespace sees. */
  read(file: string): Promise<string>;
};
