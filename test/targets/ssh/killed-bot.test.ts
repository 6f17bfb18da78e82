import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { processList } from "../../support/processes.ts";
import { hearStep, newRun, shellStep, sshPlaces } from "../../support/ssh-places.ts";
import type { SshPlace } from "../../support/ssh-places.ts";
import { until } from "../../support/until.ts";

const BOT = new URL("../../support/ssh-bot.ts", import.meta.url).pathname;

describe.each(sshPlaces)("a bot that dies while it follows a step on $place", ({ skip, open }) => {
  let place: SshPlace;
  beforeAll(async () => {
    if (skip === null) place = await open();
  });
  beforeEach((context) => {
    if (skip !== null) context.skip(skip);
  });
  afterAll(() => place?.close());

  test.each(["SIGKILL", "SIGTERM"] as const)(
    "%s: another takes over with a higher epoch, loses no byte, and the step ran once",
    async (signal) => {
      const run = newRun({ number: signal === "SIGKILL" ? 1 : 2 });
      expect(await place.target().acquire(place.host, run)).toMatchObject({ kind: "acquired" });
      const mark = join(place.home, signal);
      const step = shellStep(
        `echo x >>${mark}; for i in 1 2 3; do echo early $i; done; while [ ! -e ${mark}.go ]; do echo wait; sleep 0.02; done; echo late; exit 6`,
      );
      const brief = join(place.home, `${signal}.json`);
      writeFileSync(brief, JSON.stringify({ privateKey: place.privateKey, knownHosts: place.hostKeyLine, host: place.host, run, step }));
      const bot = spawn(process.execPath, [BOT, brief], { stdio: ["ignore", "pipe", "inherit"] });
      const ended = new Promise((done) => bot.once("exit", done));
      const stored: Buffer[] = [];
      bot.stdout.on("data", (chunk: Buffer) => stored.push(chunk));
      await until(() => Buffer.concat(stored).length > 40);
      bot.kill(signal);
      await ended;
      const before = Buffer.concat(stored);
      const successor = { ...run, epoch: 2 };
      const following = hearStep(place.target(), place.host, successor, step, { offset: before.length });
      writeFileSync(`${mark}.go`, "");
      const { outcome, bytes } = await following;
      const whole = Buffer.concat([before, bytes]);
      expect(outcome).toEqual({ kind: "exited", code: 6, bytes: whole.length });
      expect(whole.toString()).toMatch(/^early 1\nearly 2\nearly 3\n(wait\n)+late\n$/);
      expect(whole.equals(readFileSync(join(place.directory, ".greenlight/runs", run.deployment, "step.1/log")))).toBe(true);
      expect(readFileSync(mark, "utf8")).toBe("x\n");
      // Neither bot left a follower on the host.
      await until(() => !processList().some((argv) => argv.startsWith("tail") && argv.includes(run.deployment)));
      // The dead one comes back with its old epoch: no next step starts.
      expect((await hearStep(place.target(), place.host, run, shellStep(`touch ${mark}.late`, { id: "next" }))).outcome).toEqual({
        kind: "stale",
        seenEpoch: 2,
      });
      expect(existsSync(`${mark}.late`)).toBe(false);
      expect(await place.target().release(place.host, successor, { succeeded: true, revision: null })).toEqual({ kind: "released" });
    },
  );
});
