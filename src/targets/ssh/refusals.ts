import type { HostAddress } from "../../ports.ts";
import type { ControlLine } from "./control.ts";
import type { Refused } from "./protocol.ts";

/** What each code of the host's commands means and what lifts it; no text of a host is ever shown. */
const SENTENCES: Readonly<Record<string, string>> = {
  directory_missing: "the directory does not exist; create it, owned by the deploying user",
  directory_closed: "the directory cannot be entered; give the deploying user access",
  directory_unwritable: "the directory is not writable; give the deploying user write access",
  no_setsid: "the host has neither setsid nor python3, so a step could not outlive a lost connection; install util-linux or python3",
  no_proc: "/proc cannot be read, so processes could not be told apart; only Linux hosts with /proc are supported",
  lock_failed: "no lock could be taken in .greenlight; the host needs flock, python3 or perl, and a file system with locks",
  state_link: ".greenlight is a link; remove it",
  state_foreign: ".greenlight belongs to another user or is no folder; remove it or deploy as its owner",
  state_open: ".greenlight is open to other users; look through it, then chmod 700 it",
  state_unwritable: ".greenlight cannot be written; look at its owner, mode and the file system",
  state_unreadable: "a file in .greenlight is damaged or was cut; nothing was done, a person has to look at it",
  disk_full: "too little space or too few inodes are free; nothing was started, free some",
  inodes_few: "too few inodes are free; nothing was started, delete files that nobody needs",
  other_installation: "this run belongs to another installation of the bot (a copied database?); nothing was done",
  other_attempt_running: "another attempt of this step still runs; cancel it first",
  step_running: "a step of this run still runs; cancel it first",
  pid_unreadable: "a step runs whose process id cannot be trusted; no signal was sent, a person has to end it",
  group_survives:
    "a step's processes survived SIGKILL, or run as another user by sudo and take no signal of ours; a person has to end them on the host",
};

/** A refusal with the host's label and a sentence of ours. */
export function refuse(host: HostAddress, code: string): Refused {
  return { kind: "refused", because: `${host.name}: ${SENTENCES[code] ?? "the host refused without a known reason"}` };
}

/** A refusal by the fence, or by one of the codes above. */
export function staleOrRefused(host: HostAddress, line: ControlLine): { readonly kind: "stale"; readonly seenEpoch: number } | Refused {
  if (line.kind === "stale") return { kind: "stale", seenEpoch: Number(line.words[0]) };
  return refuse(host, line.kind === "refused" ? (line.words[0] ?? "") : "nonsense");
}
