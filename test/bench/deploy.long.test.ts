import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { whyNoSshd } from "../support/sshd.ts";

const run = promisify(execFile);
const skip = whyNoSshd();

test.skipIf(skip !== null)(
  `the benchmark of deployments runs to its end and names what it saw${skip === null ? "" : ` (skipped: ${skip})`}`,
  { timeout: 400_000 },
  async () => {
    const main = new URL("../../bench/deploy/main.ts", import.meta.url).pathname;
    const options = ["--rounds", "1", "--hosts", "2", "--tools", "ssh,greenlight", "--only", "series"];
    const { stdout } = await run(process.execPath, [main, ...options], { timeout: 380_000 });
    expect(stdout).toMatch(/\| ms \(ratio\) \| 2 hosts, null \| 2 hosts, fake \|/u);
    expect(stdout).toMatch(/\| one chained `ssh` a host \| \d+ \(1\.00\) \| \d+ \(1\.00\) \|/u);
    expect(stdout).toMatch(/\| \*\*Greenlight\*\* \| \d+ \(\d+\.\d\d\) \| \d+ \(\d+\.\d\d\) \|/u);
    expect(stdout).toContain("| live |");
  },
);
