import { execFileSync, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pullCommand } from "../../src/domain/recipe/in-place.ts";
import type { ReplicaSettings } from "../support/engine-replica.ts";
import type { Lane } from "./lane.ts";
import { STEPS, type Schedule } from "./schedule.ts";

/** Planted in every bot: that it never appears must not cost a byte of any log. */
const SECRET = "a-planted-secret-of-thirty-eight-bytes";
/** The host's disk in runs that fill it; a checkout takes a fortieth of it. */
const DISK = "4m";

/** The hosts of one run: checkouts in folders of their own behind the lane's sshd, and steps that print what they are told. */
export type Place = Disposable & {
  readonly root: string;
  directoryOf(host: string): string;
  settings(replica: string): ReplicaSettings;
  /** Lets the struck step go on behind its gate. */
  openGate(): void;
  /** Has the struck step printed what comes before its gate? */
  atGate(): boolean;
  /** Exists from the struck step's first act on. */
  readonly begun: string;
  /** `pull web-1 1`, one line for each start of each attempt, written by what was started, outside of our state folder. */
  witnessed(): readonly string[];
};

export function openPlace(lane: Lane, schedule: Schedule, connectionString: string): Place {
  const root = mkdtempSync(join(lane.folder, `run-${schedule.index}-`));
  const directoryOf = (host: string): string => join(root, host, "shop");
  const mounted: string[] = [];
  for (const host of schedule.hosts) {
    mkdirSync(directoryOf(host), { recursive: true });
    if (schedule.fault === "fill disk" && host === schedule.struckHost) {
      execFileSync("mount", ["-t", "tmpfs", "-o", `size=${DISK},mode=755`, "tmpfs", directoryOf(host)]);
      mounted.push(directoryOf(host));
    }
    cpSync(lane.checkout, directoryOf(host), { recursive: true });
  }
  writeOutputs(root, schedule);
  writeStepScript(root);
  const config = configText(root, lane, schedule, directoryOf);
  const installation = randomUUID();
  return {
    root,
    directoryOf,
    begun: join(root, "begun"),
    settings: (replica) => ({
      connectionString,
      config,
      privateKey: lane.keys.privateKey,
      knownHosts: lane.sshd.hostKeyLine,
      installation,
      replica,
      secrets: [SECRET],
      timing: { sliceMs: schedule.sliceMs, patienceDuringMs: 300_000, patienceBeforeMs: 120_000, retryMs: 100 },
      ...(schedule.fault === "stop session" ? { keepaliveMs: 250 } : {}),
    }),
    openGate: () => writeFileSync(join(root, "go"), ""),
    atGate: () => existsSync(join(root, "at")),
    witnessed: () => (existsSync(join(root, "witness")) ? readFileSync(join(root, "witness"), "utf8").trimEnd().split("\n") : []),
    [Symbol.dispose]() {
      for (const folder of mounted) spawnSync("umount", ["-l", folder]);
      rmSync(root, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** What each step prints: lines that say whose they are and which, so that one missing or doubled is seen by eye too. */
function writeOutputs(root: string, schedule: Schedule): void {
  mkdirSync(join(root, "out"));
  for (const host of schedule.hosts) {
    for (const step of STEPS) {
      const struck = step === schedule.step && host === schedule.struckHost;
      writeFileSync(join(root, "out", `${step}.${host}`), text(`${step} ${host}`, struck ? schedule.outputBytes : 900));
      if (struck) writeFileSync(join(root, "out", `${step}.${host}.gate`), `${schedule.gateBytes}\n`);
    }
  }
}

function text(subject: string, bytes: number): Buffer {
  const lines: string[] = [];
  for (let length = 0, line = 0; length < bytes; line += 1) {
    lines.push(`${subject} line ${line} ${"-=✓é".repeat((line * 7) % 23)}\n`);
    length += lines.at(-1)?.length ?? 0;
  }
  return Buffer.from(lines.join("")).subarray(0, bytes);
}

/**
 * Its first act is to witness its own start with the attempt that its own log is named by; what it prints comes from a file.
 * The gate is for the first attempt alone: a second one has nothing to wait for.
 */
function writeStepScript(root: string): void {
  const pull = pullCommand({ origin: null } as Parameters<typeof pullCommand>[0], "" as Parameters<typeof pullCommand>[1])[2] ?? "";
  writeFileSync(join(root, "pull-for-real.sh"), pull);
  const lines = [
    "set -eu",
    "step=$1 host=$2 revision=$3 root=$4",
    "attempt=$(readlink /proc/$$/fd/1); attempt=${attempt%/log}; attempt=${attempt##*.}",
    'echo "$step $host $attempt" >>"$root/witness"',
    "out=$root/out/$step.$host",
    'if [ -e "$out.gate" ] && [ "$attempt" = 1 ]; then',
    '  gate=$(cat "$out.gate")',
    '  : >"$root/begun"',
    '  head -c "$gate" "$out"',
    '  : >"$root/at"',
    '  while [ ! -e "$root/go" ]; do sleep 0.02; done',
    '  tail -c "+$((gate + 1))" "$out"',
    "else",
    '  cat "$out"',
    "fi",
    '[ "$step" != pull ] || sh "$root/pull-for-real.sh" "$revision" ""',
  ];
  writeFileSync(join(root, "step.sh"), `${lines.join("\n")}\n`);
}

function configText(root: string, lane: Lane, schedule: Schedule, directoryOf: (host: string) => string): string {
  return [
    "apps:",
    "  shop:",
    "    repository: github:acme/shop",
    '    channel: "#shop-deploys"',
    "    environments:",
    "      production:",
    "        deploy: automatically",
    "        target:",
    "          type: ssh",
    "          recipe: script",
    "          hosts:",
    ...schedule.hosts.map(
      (host) =>
        `            - { address: 127.0.0.1, port: ${lane.sshd.port}, user: ${lane.sshd.user}, directory: "${directoryOf(host)}", label: ${host} }`,
    ),
    "          commands:",
    ...STEPS.map((step) => `            ${step}: [sh, "${join(root, "step.sh")}", ${step}, "{host}", "{revision}", "${root}"]`),
    "",
  ].join("\n");
}
