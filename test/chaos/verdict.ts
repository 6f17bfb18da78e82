import { verifyHistory } from "../../src/db/history.ts";
import type { Database } from "../../src/db/client.ts";
import type { StepRow } from "../../src/db/steps.ts";
import { HEAD_BYTES, TAIL_BYTES } from "../../src/engine/step-log.ts";
import { git } from "./lane.ts";
import { processesWith, type HostRecord, type HostStep } from "./record.ts";
import { REPEATABLE, STEPS, type Schedule } from "./schedule.ts";
import type { Stage } from "./stage.ts";

/** Everything that must hold of a run that has settled, in words; an empty list is a clean run. */
export async function violationsOf(stage: Stage, db: Database, historyKey: string): Promise<readonly string[]> {
  const { schedule, place } = stage;
  const hosts = new Map(schedule.hosts.map((host) => [host, stage.record(host)]));
  const rows = await stage.rows();
  const deployment = await stage.deployment();
  const found = [
    ...endOf(schedule, rows, { state: deployment.state.state, said: JSON.stringify(deployment.state) }),
    ...startsOf(schedule, rows, hosts, place.witnessed()),
    ...rows.flatMap((row) => outcomeOf(row, hosts.get(row.host)?.steps ?? [])),
    ...rows.flatMap((row) => logOf(schedule, row, hosts.get(row.host)?.steps ?? [])),
    ...[...hosts].flatMap(([host, record]) => lockOf(host, record, stage.id, deployment.state.state)),
  ];
  if (deployment.state.state === "succeeded_unverified")
    for (const host of schedule.hosts) {
      const head = git(place.directoryOf(host), "rev-parse", "HEAD");
      if (head !== deployment.revision) found.push(`${host} is at ${head}, not at ${deployment.revision}`);
    }
  const trouble = await stage.trouble();
  if (trouble !== null) found.push(`its card still says: ${trouble}`);
  found.push(...(await verifyHistory(db, historyKey)).faults.map((fault) => `history: ${fault.says}`));
  return found;
}

/** Nothing of a settled run is left on a host: no runner, no follower, no shell that waits for a session that is gone. */
export function leftRunning(stage: Stage): readonly number[] {
  return processesWith(stage.id);
}

/** The right end for the fault: what was only interrupted is finished, what was lost is tried again or put before a person. */
function endOf(schedule: Schedule, rows: readonly StepRow[], end: { readonly state: string; readonly said: string }): readonly string[] {
  const { state, words } = expectedEnd(schedule, rows);
  if (end.state !== state) return [`it ended ${end.said}, not ${state}`];
  return words.test(end.said) ? [] : [`it ended ${end.said}, which does not say ${words.source}`];
}

function expectedEnd(schedule: Schedule, rows: readonly StepRow[]): { readonly state: string; readonly words: RegExp } {
  const { fault, step, struckHost } = schedule;
  const success = { state: "succeeded_unverified", words: /not watched/ };
  switch (fault) {
    case "kill step":
      return { state: "failed", words: new RegExp(`${step} on ${struckHost} ended with exit code 137`) };
    case "kill runner":
      if (REPEATABLE.has(step)) return success;
      return { state: "needs_attention", words: new RegExp(`nobody can tell whether ${step} on ${struckHost} was done`) };
    case "fill disk":
      // A step that prints nothing more is not hurt by a full disk; the next one on that host is.
      if (
        rows.every((row) => row.status === "done") &&
        plannedOf(schedule).every((key) => rows.some((row) => `${row.step} ${row.host}` === key))
      )
        return success;
      return { state: "failed", words: new RegExp(`on ${struckHost} (ended with exit code|was not started: .*too little space)`) };
    default:
      return success;
  }
}

function plannedOf(schedule: Schedule): readonly string[] {
  return STEPS.flatMap((step) => (step === "migrate" ? ["web-1"] : schedule.hosts).map((host) => `${step} ${host}`));
}

/** Each attempt that the database or a host knows of was started once; and nothing else was started. */
function startsOf(
  schedule: Schedule,
  rows: readonly StepRow[],
  hosts: ReadonlyMap<string, HostRecord>,
  witnessed: readonly string[],
): readonly string[] {
  const found: string[] = [];
  const known = new Set(rows.map((row) => `${row.step} ${row.host} ${row.attempt}`));
  for (const line of new Set(witnessed)) {
    const times = witnessed.filter((other) => other === line).length;
    if (times > 1) found.push(`${line} was started ${times} times`);
    if (!known.has(line)) found.push(`${line} was started, and the database does not know`);
  }
  for (const [host, record] of hosts)
    for (const step of record.steps)
      if (step.claimed && !known.has(`${step.step} ${host} ${step.attempt}`))
        found.push(`${host} holds a claim of ${step.step} attempt ${step.attempt}, and the database does not know`);
  for (const row of rows) {
    const key = `${row.step} ${row.host} ${row.attempt}`;
    // What the recipe adds of its own witnesses nothing; its claim does.
    const claimed = own(row, hosts.get(row.host)?.steps ?? [])?.claimed === true;
    const started = (STEPS as readonly string[]).includes(row.step) ? witnessed.includes(key) : claimed;
    const refused = row.note?.startsWith("was not started") === true;
    // Killed in the instant before its first act.
    const unknowable = row.status !== "done" && schedule.moment === "claim";
    if (refused ? started : !started && !unknowable)
      found.push(`${key} is ${row.status} (${row.note}), and the host ${started ? "started" : "never started"} it`);
    if (row.attempt > 1 && !(schedule.fault === "kill runner" && row.step === schedule.step && REPEATABLE.has(schedule.step)))
      found.push(`${key} is a second attempt that nothing called for`);
  }
  return found;
}

/** What the database says of an attempt is what the host's exit code says. */
function outcomeOf(row: StepRow, steps: readonly HostStep[]): readonly string[] {
  const key = `${row.step} on ${row.host} attempt ${row.attempt}`;
  const exit = own(row, steps)?.exit ?? "";
  const code = /^\d{3}$/.test(exit) ? Number(exit) : null;
  if (row.status === "running") return [`${key} is still running by the database`];
  if (row.status === "done" && code !== 0) return [`${key} is done by the database, and the host's exit code is ${exit || "absent"}`];
  if (row.status === "failed" && row.exitCode !== null && row.exitCode !== code)
    return [`${key} failed with ${row.exitCode} by the database, and with ${exit || "nothing"} by the host`];
  if (row.status === "unknown" && code !== null) return [`${key} is unknown by the database, and the host has its exit code ${exit}`];
  return [];
}

/** Byte for byte, nothing missing and nothing twice. What is no UTF-8, such as a character that a kill cut in two, reads as U+FFFD. */
function logOf(schedule: Schedule, row: StepRow, steps: readonly HostStep[]): readonly string[] {
  const key = `${row.step} on ${row.host} attempt ${row.attempt}`;
  const log = own(row, steps)?.log ?? Buffer.alloc(0);
  // What outlived its step prints on, and nobody has to hear it.
  const outlived = schedule.fault === "kill step" && row.exitCode === 137;
  if (row.offset > log.length || (row.offset < log.length && !outlived))
    return [`${key} (${row.status}, ${row.note}): ${row.offset} bytes were stored of ${log.length} on the host`];
  const whole = Buffer.from(new TextDecoder("utf-8", { ignoreBOM: true }).decode(log.subarray(0, row.offset)));
  return keptOf(whole, row).map((fault) => `${key}: ${fault}`);
}

/** The rule of what is kept: all, or whole lines of the first 256 KiB and of the last 768 KiB, and how many bytes lie between. */
function keptOf(whole: Buffer, row: StepRow): readonly string[] {
  const head = whole.length <= HEAD_BYTES ? whole : whole.subarray(0, whole.lastIndexOf("\n", HEAD_BYTES - 1) + 1);
  if (!row.head.equals(head)) return [`its first bytes are not the host's from byte ${differsAt(row.head, head)} of ${head.length}`];
  const rest = whole.subarray(head.length);
  const tail = rest.length <= TAIL_BYTES ? rest : rest.subarray(rest.indexOf("\n", rest.length - TAIL_BYTES - 1) + 1);
  if (!row.tail.equals(tail))
    return [`its last ${row.tail.length} bytes are not the host's from byte ${differsAt(row.tail, tail)} of ${tail.length}`];
  const dropped = rest.length - tail.length;
  return row.dropped === dropped ? [] : [`${row.dropped} bytes are said to be dropped, and ${dropped} were`];
}

function own(row: StepRow, steps: readonly HostStep[]): HostStep | undefined {
  return steps.find((step) => step.step === row.step && step.attempt === row.attempt);
}

function differsAt(a: Buffer, b: Buffer): number {
  const at = a.findIndex((byte, index) => byte !== b[index]);
  return at === -1 ? a.length : at;
}

/** A host is closed and freed when all is over, and held for as long as a person has to decide. */
function lockOf(host: string, record: HostRecord, run: string, state: string): readonly string[] {
  if (state === "needs_attention")
    return record.lock === run && !record.closed ? [] : [`${host} is not held although a person has to decide`];
  if (record.lock !== null) return [`${host} is still held by ${record.lock}`];
  return record.closed ? [] : [`${host} has not closed the run`];
}
