import type { HandshakeFault } from "./handshake.ts";
import type { Hop } from "./hop.ts";
import { pinLine } from "./known-hosts.ts";
import type { HostKey, KnownKeys } from "./known-hosts.ts";

/** Why a server on the way cannot be used, in our words; `pin` is the line that would make the key it showed known. */
export type HopFault = { readonly kind: "unreachable"; readonly because: string; readonly pin: string | null };

export function hopFault(hop: Hop, because: string, pin: string | null = null): HopFault {
  return { kind: "unreachable", because: `${hop.label}: ${because}`, pin };
}

/** The sentence for a failed handshake: what happened and what to do. No text of the server is in it. */
export function handshakeSentence(
  hop: Hop,
  fault: HandshakeFault,
  context: { readonly known: KnownKeys; readonly offered: number; readonly missing: string | null },
): HopFault {
  switch (fault.kind) {
    case "host_key":
      return fault.key === null
        ? hopFault(hop, "it showed something that is no host key; nothing was run")
        : keyFault(hop, { ...fault, key: fault.key, known: context.known });
    case "no_common":
      return hopFault(hop, "no common SSH algorithms; does it still have a host key of a type in known_hosts, and a current SSH server?");
    case "closed_early":
      return hopFault(hop, "it closes connections before it greets; is its sshd full (MaxStartups), or does it turn our address away?");
    case "late":
      return hopFault(hop, "it did not finish the SSH handshake in time");
    case "keys_refused":
      return hopFault(hop, refusedKeys(hop, context));
    case "agent":
      return hopFault(hop, "the SSH agent did not sign with its key; is it locked (ssh-add -X)?");
    case "other":
      return hopFault(hop, networkSentence(fault.code));
    default:
      return fault satisfies never;
  }
}

function refusedKeys(hop: Hop, { offered, missing }: { readonly offered: number; readonly missing: string | null }): string {
  if (offered === 0) return missing ?? "there is no key to offer; give SSH_PRIVATE_KEY_FILE or the connection's private_key";
  const keys = offered === 1 ? "our key" : `our ${offered} keys`;
  return `it refused ${keys} for ${hop.user}; add the public key to its authorized_keys${missing === null ? "" : ` (and ${missing})`}`;
}

type ShownKey = { readonly verdict: "unknown" | "changed" | "revoked"; readonly key: HostKey; readonly known: KnownKeys };

function keyFault(hop: Hop, { verdict, key, known }: ShownKey): HopFault {
  const shown = `${key.print} (type ${key.type})`;
  if (verdict === "revoked") return hopFault(hop, `its host key ${shown} is revoked in known_hosts; nothing was run`);
  const pin = pinLine(hop.address, hop.port, key);
  if (verdict === "changed") {
    const then = "If the server was set up anew, compare it there and replace its line by the one that greenlight doctor prints";
    return hopFault(hop, `its host key changed to ${shown}; nothing was run. ${then}; if not, somebody may stand between`, pin);
  }
  const add = `Compare it on the server (ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub), then add the line that greenlight doctor prints to known_hosts`;
  return known.authority
    ? hopFault(
        hop,
        `only a @cert-authority is known, and host certificates are not supported; its host key is ${shown}, nothing was run. ${add}`,
        pin,
      )
    : hopFault(hop, `its host key ${shown} is unknown; nothing was run. ${add}`, pin);
}

/** What a system's error code means for a person. */
export function networkSentence(code: string | null): string {
  const sentences: Readonly<Record<string, string>> = {
    ECONNREFUSED: "nothing listens on its SSH port",
    ETIMEDOUT: "it did not answer in time",
    ENOTFOUND: "its name is unknown",
    EAI_AGAIN: "its name could not be looked up",
    EHOSTUNREACH: "no route to it",
    ENETUNREACH: "no network to it",
    ECONNRESET: "it closed the connection",
  };
  return sentences[code ?? ""] ?? "the connection failed";
}
