import { expect, test } from "vitest";
import { whyNoSshd } from "../support/sshd.ts";
import { chaos } from "./chaos.ts";
import { FAULTS } from "./schedule.ts";

const skip = whyNoSshd();

test.skipIf(skip !== null)(
  `30 deployments, each with a fault in it: every step started once, the right end, no byte of a log lost${skip === null ? "" : ` (skipped: ${skip})`}`,
  { timeout: 1_800_000 },
  async () => {
    const { ran, notRun } = await chaos({ runs: 30, seed: 3, say: (line) => console.log(line) });
    expect(ran.filter((one) => one.violations.length > 0)).toEqual([]);
    expect(ran.length + notRun.length).toBe(30);
    expect(new Set([...ran.map((one) => one.schedule), ...notRun].map((schedule) => schedule.fault))).toEqual(new Set(FAULTS));
  },
);
