import { randomBytes } from "node:crypto";
import type { ClientChannel } from "ssh2";
import type { HostAddress } from "../../ports.ts";
import { createControlReader } from "./control.ts";
import type { ControlLine } from "./control.ts";
import type { Pool } from "./pool.ts";
import type { Refused, SshRun, Unreachable } from "./protocol.ts";
import { quoteAll } from "./quote.ts";

/** An empty identity for `read`, which belongs to no run. */
const NOBODY: SshRun = { installation: "-", deployment: "-", number: 0, epoch: 0 };

/** The command line for one script. `exec` leaves no login shell beside it; the nonce makes its answers ours. */
export function commandLine(
  script: string,
  nonce: string,
  host: HostAddress,
  run: SshRun | null,
  own: readonly (string | number)[],
): string {
  const { installation, deployment, number, epoch, highest } = run ?? NOBODY;
  const words = [nonce, host.directory, installation, deployment, number, epoch, Math.max(highest ?? number, number), ...own];
  return `exec ${quoteAll(["sh", "-c", script, "greenlight", ...words.map(String)])}`;
}

/** Unguessable for whatever prints on the host. */
export function newNonce(): string {
  return randomBytes(16).toString("hex");
}

/**
 * Sends a script that answers with one control line. All of them may be sent twice, so a warm connection that
 * turns out dead is replaced once.
 */
export async function ask(
  pool: Pool,
  host: HostAddress,
  script: string,
  options: { readonly run: SshRun | null; readonly own: readonly (string | number)[]; readonly timeoutMs: number },
): Promise<ControlLine | Unreachable | Refused> {
  for (let tries = 1; ; tries += 1) {
    const got = await pool.get(host);
    if ("kind" in got) return got;
    const nonce = newNonce();
    const channel = await got.connection.open("other", commandLine(script, nonce, host, options.run, options.own)).catch(() => null);
    if (channel === null && got.connection.alive()) return noSession(host);
    const outcome = channel === null ? "lost" : await hear(channel, nonce, options.timeoutMs);
    if (typeof outcome === "object") return outcome;
    if (outcome === "mute") return muteShell(host);
    // Also when it is only late: sshd keeps a session, and us its turn, for as long as a command hangs.
    pool.drop(host, got.connection);
    if (outcome === "late") return { kind: "unreachable", because: `${host.name}: it did not answer in time` };
    if (got.fresh || tries > 1) return { kind: "unreachable", because: `${host.name}: the connection was lost` };
  }
}

/** The shell ended by itself and said nothing that is ours. */
export function muteShell(host: HostAddress): Refused {
  return {
    kind: "refused",
    because: `${host.name}: its shell ended without answering; the login shell must be a POSIX shell that runs commands`,
  };
}

/** The connection is good, but the host opens no further session on it. */
export function noSession(host: HostAddress): Unreachable {
  return { kind: "unreachable", because: `${host.name}: it opens no further session on the connection; look at MaxSessions of its sshd` };
}

function hear(channel: ClientChannel, nonce: string, timeoutMs: number): Promise<ControlLine | "late" | "lost" | "mute"> {
  return new Promise((heard) => {
    const timer = setTimeout(() => finish("late"), timeoutMs);
    const read = createControlReader(nonce, finish);
    function finish(outcome: ControlLine | "late" | "lost" | "mute"): void {
      clearTimeout(timer);
      heard(outcome);
    }
    channel.on("error", () => finish("lost"));
    channel.stderr.on("data", read);
    channel.resume(); // 'close' comes only after both streams were read
    // No exit code is no answer: the connection went, not the command. It comes with the close too, where a fast command's is not missed.
    channel.on("close", (code?: number | null) => finish(typeof code === "number" ? "mute" : "lost"));
    channel.end();
  });
}
