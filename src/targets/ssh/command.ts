import { createHash } from "node:crypto";
import type { HostAddress, StepFollow, TargetStep } from "../../ports.ts";
import type { SshRun } from "./protocol.ts";
import { quote, quoteAll } from "./quote.ts";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** A Linux argument ends at 128 KiB; the script around the command, quoted, takes under 24 KiB of it. */
const MAX_COMMAND_BYTES = 64 * 1024;

/** The text of `cmd` for a step, and the SHA-256 of that file (which ends in a newline); the text is the command's identity. */
export function commandOf(step: TargetStep): { readonly text: string; readonly digest: string } {
  const exports = Object.entries(step.environment)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `export ${name}=${quote(value)}\n`);
  const enter = step.cwd === null ? "" : `cd -- ${quote(step.cwd)} || exit 126\n`;
  const text = `unset CDPATH\n${enter}${exports.join("")}exec ${quoteAll(step.argv)}`;
  return { text, digest: createHash("sha256").update(`${text}\n`).digest("hex") };
}

/** Why a host's address cannot be used; null if it can. */
export function faultOfHost(host: HostAddress): string | null {
  if (!host.directory.isWellFormed() || !/^(\/|~\/)[^\0\n]*[^\0\n/][^\0\n]*$/.test(host.directory))
    return "its directory must be absolute or begin with ~/, and not be /";
  if (host.address === "" || /[\s\0]/.test(host.address)) return "its address is not a host name";
  return null;
}

/** Why a run's identity cannot be used; null if it can. Its parts become names of files. */
export function faultOfRun(run: SshRun): string | null {
  if (!UUID.test(run.installation) || !UUID.test(run.deployment)) return "installation and deployment must be lower-case UUIDs";
  if (![run.number, run.epoch, run.highest ?? run.number].every(isCount)) return "number and epoch must be whole numbers from 0";
  return null;
}

/** Why a step cannot be sent; null if it can. */
export function faultOfStep(step: TargetStep, follow: Pick<StepFollow, "attempt" | "offset">): string | null {
  if (!/^[a-z0-9-]{1,64}$/.test(step.id)) return "a step's id has only a-z, 0-9 and -";
  if (step.argv.length === 0 || step.argv[0] === "") return "a step needs a program";
  if (!isCount(follow.attempt) || !isCount(follow.offset)) return "attempt and offset must be whole numbers from 0";
  if (step.cwd !== null && (/^([/~-]|$)/.test(step.cwd) || step.cwd.split("/").includes("..")))
    return "a step's folder must be below the directory";
  if (!Object.keys(step.environment).every((name) => NAME.test(name))) return "a step's environment has a name that no shell accepts";
  const { text } = commandOf(step);
  if (text.includes("\0")) return "a NUL cannot be sent to a shell";
  // It would arrive as another character than the one that was approved.
  if (!text.isWellFormed()) return "half of a character cannot be sent; write the text as UTF-8";
  if (Buffer.byteLength(text) > MAX_COMMAND_BYTES || quote(text).length > 1.25 * MAX_COMMAND_BYTES)
    return "the command is longer than 64 KiB; put it in a script in the repository";
  return null;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0 && value < 1e15;
}
