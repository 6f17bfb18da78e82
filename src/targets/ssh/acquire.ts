import type { AcquireOptions, AcquireOutcome, HostAddress, HostFacts } from "../../ports.ts";
import { ask } from "./ask.ts";
import type { ControlLine } from "./control.ts";
import { ANSWER_MS, GUARD_IDLE_SECONDS, LEAST_FREE_BYTES, LEAST_FREE_INODES, TIMEOUT_GRACE_SECONDS } from "./limits.ts";
import type { Pool } from "./pool.ts";
import type { SshDeps, SshRun } from "./protocol.ts";
import { quoteAll } from "./quote.ts";
import { staleOrRefused } from "./refusals.ts";
import { ACQUIRE } from "./script/run.ts";
import { sudoQuestions } from "./sudo.ts";

/** What a lock is held by when nobody can read it. */
const UNKNOWN = "unknown";
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Takes a host for a run, after looking whether the run can succeed there at all. */
export async function acquire(
  pool: Pool,
  host: HostAddress,
  run: SshRun,
  options: Partial<AcquireOptions> & { readonly deps: SshDeps },
): Promise<AcquireOutcome> {
  const { deps, takeOver = null } = options;
  if (takeOver !== null && takeOver !== UNKNOWN && !UUID.test(takeOver))
    return { kind: "refused", because: `${host.name}: a lock can only be taken over from a run, by its lower-case UUID` };
  const questions = sudoQuestions(options.commands ?? []);
  const least = [Math.ceil((deps.minimumFreeBytes ?? LEAST_FREE_BYTES) / 1024), deps.minimumFreeInodes ?? LEAST_FREE_INODES];
  const take = takeOver === null ? "none" : takeOver === UNKNOWN ? "-" : takeOver;
  const own = [
    layoutOf(host),
    ...least,
    take,
    TIMEOUT_GRACE_SECONDS,
    deps.guardIdleSeconds ?? GUARD_IDLE_SECONDS,
    ...questions.map((one) => quoteAll(one.ask)),
  ];
  const line = await ask(pool, host, ACQUIRE, { run, own, timeoutMs: ANSWER_MS });
  if (!("words" in line)) return line;
  const [first = "-", second] = line.words;
  switch (line.kind) {
    case "acquired":
      return { kind: "acquired", facts: factsOf(line) };
    case "closed":
      return { kind: "closed" };
    case "busy":
      return busy(line);
    case "foreign":
      return { kind: "foreign", highestNumber: Number(first), installation: second ?? "" };
    case "denied":
      return { kind: "refused", because: `${host.name}: ${denied(questions[Number(first) - 1]?.argv ?? [])}` };
    default:
      return staleOrRefused(host, line);
  }
}

function busy({ words: [holder = "-", since, running] }: ControlLine): AcquireOutcome {
  return {
    kind: "busy",
    holder: holder === "-" ? UNKNOWN : holder,
    since: since === undefined || since === "-" ? null : new Date(Number(since) * 1000),
    running: running === undefined ? null : running === "yes",
  };
}

function denied(argv: readonly string[]): string {
  return `sudo does not let the deploying user run \`${argv.join(" ")}\` without a password; nothing was started. Add it to sudoers with NOPASSWD; where it is there, \`listpw\` must not be \`always\``;
}

/** Where a host's live revision is read. */
export function layoutOf(host: HostAddress): "in_place" | "releases" | "containers" {
  return host.layout ?? "in_place";
}

/** A file system without a limit, or with one that cannot be read, has "enough". */
export function factsOf(line: ControlLine): HostFacts {
  const [live, kib, inodes, highest, clean, origin] = line.words;
  const enough = Number.MAX_SAFE_INTEGER;
  return {
    live: live === undefined || live === "-" ? null : live,
    freeBytes: kib === "-" ? enough : Number(kib) * 1024,
    freeInodes: inodes === "-" ? enough : Number(inodes),
    highestNumber: Number(highest),
    clean: clean === "yes",
    origin: origin === undefined || origin === "-" ? null : withoutCredentials(origin),
  };
}

/** A token in a remote's URL is the host's business. */
function withoutCredentials(origin: string): string {
  return origin.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/]*@/i, "$1");
}
