import type { Duplex } from "node:stream";
import { NodeSSH, SSHError } from "node-ssh";
import type { Client } from "ssh2";
import type { Hop } from "./hop.ts";
import type { Identity } from "./identities.ts";
import { hostKeyOf, judgeKey, serverAlgorithms } from "./known-hosts.ts";
import type { HostKey, KeyVerdict, KnownKeys } from "./known-hosts.ts";

/** What one attempt is made with. */
export type Attempt = {
  readonly known: KnownKeys;
  /** Host key types to ask for. */
  readonly types: readonly string[];
  readonly identities: readonly Identity[];
  readonly timeoutMs: number;
  readonly keepaliveMs: number;
};

/** How an attempt failed, by codes and levels of the libraries, never by the text of a host. */
export type HandshakeFault =
  /** The server showed a key that we do not know; nothing of ours was sent. */
  | { readonly kind: "host_key"; readonly verdict: Exclude<KeyVerdict, "known">; readonly key: HostKey | null }
  /** It has no key of the types we asked for, or no cipher in common. */
  | { readonly kind: "no_common" }
  /** It closed the connection before it showed a key: full (MaxStartups), or starting. */
  | { readonly kind: "closed_early" }
  | { readonly kind: "late" }
  /** It took none of the identities, or ended the connection after so many of them. */
  | { readonly kind: "keys_refused"; readonly offered: number }
  | { readonly kind: "agent" }
  | { readonly kind: "other"; readonly code: string | null };

export type Shaken = { readonly kind: "ready"; readonly client: Client; readonly key: HostKey; readonly identity: Identity };

/**
 * The SSH handshake over a stream: the server's key is judged first, then our identities are offered one by one.
 * The stream is destroyed unless it succeeds.
 */
export async function shakeHands(hop: Hop, stream: Duplex, attempt: Attempt): Promise<Shaken | HandshakeFault> {
  const ssh = new NodeSSH();
  let seen: { readonly verdict: KeyVerdict; readonly key: HostKey | null } | null = null;
  let offered: Identity | null = null;
  let closed = false;
  const left = [...attempt.identities];
  try {
    const connecting = ssh.connect({
      // The stream is a socket or a channel through a jump host; ssh2 needs no more of it than a duplex.
      sock: stream,
      username: hop.user,
      // Nothing but keys: no password is ever sent, and the agent is never forwarded.
      authHandler: (_left, _partial, next) => {
        const identity = left.shift();
        if (identity === undefined) return endOffers(next);
        offered = identity;
        next(identity.offer(hop.user));
      },
      // ssh2 would accept any key without this.
      hostVerifier: (blob: Buffer) => {
        const key = hostKeyOf(blob);
        // A key of a type we did not ask for would not be the one that is known.
        seen = { verdict: judgeKey(attempt.known, blob), key };
        return seen.verdict === "known" && key !== null;
      },
      algorithms: { serverHostKey: serverAlgorithms(attempt.types) },
      readyTimeout: attempt.timeoutMs,
      keepaliveInterval: attempt.keepaliveMs,
      keepaliveCountMax: KEEPALIVES,
    });
    // node-ssh stops listening the moment it is ready; an error of the server in that moment, unheard, would end the whole bot.
    ssh.connection?.on("error", () => undefined).on("close", () => (closed = true));
    await connecting;
  } catch (fault) {
    stream.destroy();
    return faultOf(fault, { seen, offered: attempt.identities.length - left.length });
  }
  const client = ssh.connection;
  const { key } = seen ?? NOTHING_SEEN;
  if (client === null || key === null || offered === null || closed) {
    stream.destroy();
    return { kind: "closed_early" };
  }
  return { kind: "ready", client, key, identity: offered };
}

/** Unanswered keepalives after which a link is dead: with one every 15 s it is noticed within a minute. */
const KEEPALIVES = 3;
const NOTHING_SEEN: { readonly verdict: KeyVerdict; readonly key: HostKey | null } = { verdict: "unknown", key: null };

function faultOf(
  fault: unknown,
  { seen, offered }: { readonly seen: { readonly verdict: KeyVerdict; readonly key: HostKey | null } | null; readonly offered: number },
): HandshakeFault {
  if (seen !== null && seen.verdict !== "known") return { kind: "host_key", verdict: seen.verdict, key: seen.key };
  const level = textField(fault, "level");
  if (level === "agent") return { kind: "agent" };
  if (level === "client-authentication") return { kind: "keys_refused", offered };
  if (level === "client-timeout") return { kind: "late" };
  if (level === "handshake") return { kind: "no_common" };
  // It ended the connection over our keys: it looks at so many and no more (MaxAuthTries).
  if (seen !== null && offered > 0) return { kind: "keys_refused", offered };
  const code = textField(fault, "code");
  if (level === "protocol" || fault instanceof SSHError || code === "ECONNRESET" || code === "EPIPE") return { kind: "closed_early" };
  return { kind: "other", code };
}

/** A word that a library's fault carries; null when it has none. */
export function textField(fault: unknown, field: "code" | "level"): string | null {
  if (typeof fault !== "object" || fault === null || !(field in fault)) return null;
  const value: unknown = Reflect.get(fault, field);
  return typeof value === "string" ? value : null;
}

/** ssh2 ends the attempt at `false`, which its types do not know. */
function endOffers(next: (method: never) => void): void {
  Reflect.apply(next, null, [false]);
}
