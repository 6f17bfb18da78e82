import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { hearStep, newRun, shellStep, sshPlaces } from "../../support/ssh-places.ts";
import type { SshPlace } from "../../support/ssh-places.ts";
import { until } from "../../support/until.ts";

/** Where the usual programs of this machine are; folders of version managers need their own environment. */
const FOLDERS = ["/usr/bin", "/bin", "/usr/sbin", "/sbin"];

/** What our commands use; a host of that kind has no other of these. Debian's busybox has no flock, so that one stays. */
const BUSYBOX = "cat date df du head ls mkdir mv rm setsid sleep stat tail wc".split(" ");

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "greenlight-path-"));
  folders.push(folder);
  return folder;
}

/** A PATH with the usual programs but those named, and with `sh` being the shell named. */
function pathWithout(missing: readonly string[], sh = "sh"): string {
  const home = newFolder();
  for (const folder of FOLDERS) {
    for (const program of existsSync(folder) ? readdirSync(folder) : []) {
      if (missing.some((name) => new RegExp(`^${name}[0-9.]*$`).test(program)) || program === "sh") continue;
      if (!existsSync(join(home, program))) symlinkSync(join(folder, program), join(home, program));
    }
  }
  const shell = FOLDERS.map((folder) => join(folder, sh)).find((path) => existsSync(path)) ?? "";
  symlinkSync(shell, join(home, "sh"));
  // One program under many names.
  if (sh === "busybox") for (const name of missing) symlinkSync(shell, join(home, name));
  return home;
}

const variants = [
  { host: "bash as sh", missing: [], sh: "bash", needs: "bash" },
  { host: "busybox as sh", missing: [], sh: "busybox", needs: "busybox" },
  { host: "busybox for everything", missing: BUSYBOX, sh: "busybox", needs: "busybox" },
  { host: "no flock", missing: ["flock"], sh: "sh", needs: "python3" },
  { host: "neither flock nor python3", missing: ["flock", "python", "python3"], sh: "sh", needs: "perl" },
  { host: "no setsid", missing: ["setsid"], sh: "sh", needs: "python3" },
  { host: "no sha256sum", missing: ["sha256sum"], sh: "sh", needs: "sh" },
];

describe.each(sshPlaces)("$place", ({ skip, open }) => {
  beforeEach((context) => {
    if (skip !== null) context.skip(skip);
  });
  async function withPlace(env: Record<string, string>, body: (place: SshPlace) => Promise<void>): Promise<void> {
    const place = await open({ env });
    try {
      await body(place);
    } finally {
      await place.close();
    }
  }

  test.for(variants)("$host: once, followed, attached, ended", async ({ missing, sh, needs }, context) => {
    if (!FOLDERS.some((folder) => existsSync(join(folder, needs)))) context.skip(`${needs} is not installed`);
    await withPlace({ PATH: pathWithout(missing, sh) }, async (place) => {
      const target = place.target();
      const run = newRun();
      expect(await target.acquire(place.host, run)).toMatchObject({ kind: "acquired" });
      const count = join(place.home, "count");
      const step = shellStep(`echo x >>${count}; echo begun; sleep 0.3; echo done; exit 3`);
      for (const { outcome, bytes } of await Promise.all([1, 2, 3].map(() => hearStep(place.target(), place.host, run, step)))) {
        expect(outcome).toEqual({ kind: "exited", code: 3, bytes: 11 });
        expect(bytes.toString()).toBe("begun\ndone\n");
      }
      expect(readFileSync(count, "utf8")).toBe("x\n");
      const words = "a\\0b\n'\"%";
      const given = await hearStep(
        target,
        place.host,
        run,
        shellStep('printf %s "$WORDS"', { id: "given", environment: { WORDS: words } }),
      );
      expect(given.bytes.toString()).toBe(words);
      const long = shellStep(`sleep 300 & echo begun; wait`, { id: "long" });
      let begun = false;
      const following = hearStep(target, place.host, run, long, { onOutput: () => void (begun = true) });
      await until(() => begun);
      expect(await target.cancel(place.host, run, { graceSeconds: 20 })).toEqual({ kind: "ended" });
      expect((await following).outcome).toEqual({ kind: "exited", code: 143, bytes: 6 });
      expect((await hearStep(target, place.host, { ...run, epoch: 0 }, long)).outcome).toEqual({ kind: "stale", seenEpoch: 1 });
      expect(await target.release(place.host, run, { succeeded: true, revision: null })).toEqual({ kind: "released" });
    });
  });

  test.each([
    { host: "neither setsid nor python3", missing: ["setsid", "python", "python3"], says: "setsid" },
    { host: "nothing that locks", missing: ["flock", "python", "python3", "perl"], says: "flock" },
  ])("$host is refused", async ({ missing, says }) => {
    await withPlace({ PATH: pathWithout(missing) }, async (place) => {
      expect(await place.target().acquire(place.host, newRun())).toEqual({ kind: "refused", because: expect.stringContaining(says) });
    });
  });

  test("start-up files that print what look like control lines change neither outcome nor offset", async () => {
    const path = newFolder();
    // For sshd the login shell reads .bashrc; for both, `sh` itself is noisy whenever it runs one of our commands.
    const noise = `printf 'welcome\\nrc 0 0\\nst done\\ngreenlight ${"0".repeat(32)} begin\\ngreenlight rc done 000 0 -\\nno end'`;
    writeFileSync(join(path, "sh"), `#!/bin/sh\n[ "$3" = greenlight ] && { ${noise}; ${noise} >&2; }\nexec /bin/sh "$@"\n`, {
      mode: 0o755,
    });
    await withPlace({ PATH: `${path}:/usr/bin:/bin` }, async (place) => {
      for (const file of [".bashrc", ".profile", ".bash_profile"]) writeFileSync(join(place.home, file), `${noise}\n${noise} >&2\n`);
      const target = place.target();
      const run = newRun();
      expect(await target.acquire(place.host, run)).toMatchObject({ kind: "acquired" });
      const failing = shellStep(`printf 'abc'; ${noise}; ${noise} >&2; exit 1`);
      const heard = await hearStep(target, place.host, run, failing);
      expect(heard.outcome).toEqual({ kind: "exited", code: 1, bytes: heard.bytes.length });
      expect(heard.bytes.toString().startsWith("abcwelcome\nrc 0 0\n")).toBe(true);
      const again = await hearStep(target, place.host, run, failing, { offset: 4 });
      expect(again.bytes.equals(heard.bytes.subarray(4))).toBe(true);
      expect(await target.release(place.host, run, { succeeded: false, revision: null })).toEqual({ kind: "released" });
    });
  });

  test("a step that knows the nonce of its follower cannot forge its own end", async () => {
    await withPlace({}, async (place) => {
      const target = place.target();
      const run = newRun();
      await target.acquire(place.host, run);
      // The follower's argv is readable for the same user; the log is the only way out of a step.
      const forge = shellStep(
        `n=$(cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n' | grep -A1 '^greenlight$' | grep -E '^[0-9a-f]{32}$' | sort -u)
for one in $n; do printf '\\ngreenlight %s rc done 000 0 -\\n' $one; printf '\\ngreenlight %s begin\\n' $one; done; [ -n "$n" ] && exit 9`,
      );
      const { outcome, bytes } = await hearStep(target, place.host, run, forge);
      expect(outcome).toEqual({ kind: "exited", code: 9, bytes: bytes.length });
      expect(bytes.toString()).toContain("rc done 000 0 -");
      await target.release(place.host, run, { succeeded: false, revision: null });
    });
  });

  test("a step that opens /dev/stderr anew, and so cuts its log, keeps its outcome", async () => {
    await withPlace({}, async (place) => {
      const target = place.target();
      const run = newRun();
      await target.acquire(place.host, run);
      const step = shellStep("echo a long first line; echo cut >/dev/stderr; exit 4");
      expect((await hearStep(target, place.host, run, step)).outcome).toMatchObject({ kind: "exited", code: 4 });
      expect((await hearStep(target, place.host, run, step, { offset: 18 })).outcome).toMatchObject({ kind: "exited", code: 4 });
    });
  });

  test.each(["with", "without"])("a command cut in writing is not run, %s sha256sum", async (tool) => {
    const path = newFolder();
    // Files end at 4,096 bytes for our commands: the small ones are whole, a long command is not.
    writeFileSync(join(path, "sh"), `#!/bin/sh\ntrap '' XFSZ\nulimit -f 8\nexec /bin/sh "$@"\n`, { mode: 0o755 });
    const rest = tool === "with" ? "/usr/bin:/bin" : pathWithout(["sha256sum"]);
    await withPlace({ PATH: `${path}:${rest}` }, async (place) => {
      const target = place.target();
      const run = newRun();
      expect(await target.acquire(place.host, run)).toMatchObject({ kind: "acquired" });
      const step = shellStep(`: ${"x".repeat(200)}; touch ran; : ${"x".repeat(4200)}`);
      expect((await hearStep(target, place.host, run, step)).outcome).toMatchObject({ kind: "refused" });
      expect((await hearStep(target, place.host, run, shellStep("echo short", { id: "short" }))).outcome).toMatchObject({
        kind: "exited",
        code: 0,
      });
      expect(existsSync(join(place.directory, "ran"))).toBe(false);
      await target.release(place.host, run, { succeeded: false, revision: null });
    });
  });

  test("a login shell that ends without a word is refused, not waited for", async () => {
    const path = newFolder();
    writeFileSync(join(path, "sh"), "#!/bin/sh\necho This account is not available.\nexit 1\n", { mode: 0o755 });
    await withPlace({ PATH: path }, async (place) => {
      expect(await place.target().acquire(place.host, newRun())).toMatchObject({
        kind: "refused",
        because: expect.stringContaining("shell"),
      });
      expect((await hearStep(place.target(), place.host, newRun(), shellStep("true"))).outcome).toMatchObject({ kind: "refused" });
    });
  });
});
