import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { hearStep, newRun, shellStep, sshPlaces } from "../../support/ssh-places.ts";
import type { SshPlace } from "../../support/ssh-places.ts";

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
