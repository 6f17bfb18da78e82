import { createHash, createHmac } from "node:crypto";
import type { ServerHostKeyAlgorithm } from "ssh2";

/** What known_hosts says about one host. */
export type KnownKeys = {
  readonly keys: readonly { readonly type: string; readonly blob: string }[];
  /** `SHA256:...` without padding. */
  readonly pins: readonly string[];
  readonly revoked: readonly string[];
  /** A `@cert-authority` line matches; certificates are not supported, so it admits nothing. */
  readonly authority: boolean;
};

/** A public key that a host showed. */
export type HostKey = { readonly type: string; readonly blob: string; readonly print: string };

export type KeyVerdict = "known" | "unknown" | "changed" | "revoked";

/** The keys of a host: `host` for port 22, else `[host]:port`; hashed names, wildcards and negation as in sshd(8). */
export function keysOf(knownHosts: string, address: string, port: number): KnownKeys {
  const name = nameOf(address, port);
  const found: { keys: { type: string; blob: string }[]; pins: string[]; revoked: string[]; authority: boolean } = {
    keys: [],
    pins: [],
    revoked: [],
    authority: false,
  };
  for (const line of knownHosts.split(/\r?\n/)) {
    const words = line.trim().split(/\s+/);
    const marker = words[0]?.startsWith("@") ? words.shift() : undefined;
    const [patterns, type, blob] = words;
    if (patterns === undefined || type === undefined || patterns.startsWith("#") || !matches(patterns, name)) continue;
    if (marker === undefined && type.startsWith("SHA256:")) found.pins.push(type.replace(/=+$/, ""));
    if (blob === undefined || !/^[A-Za-z0-9+/]+=*$/.test(blob)) continue;
    if (marker === undefined) found.keys.push({ type, blob });
    if (marker === "@revoked") found.revoked.push(blob);
    if (marker === "@cert-authority") found.authority = true;
  }
  return found;
}

/** Judges the key a host showed; only `known` may go on. */
export function judgeKey(known: KnownKeys, key: Uint8Array): KeyVerdict {
  const blob = Buffer.from(key).toString("base64");
  if (known.revoked.includes(blob)) return "revoked";
  const type = hostKeyOf(key)?.type;
  // As OpenSSH does: a line whose type is not that of its key names no key.
  if (known.keys.some((one) => one.blob === blob && one.type === type) || known.pins.includes(fingerprint(key))) return "known";
  return known.keys.length + known.pins.length > 0 ? "changed" : "unknown";
}

/** As `ssh-keygen -lf` prints it. */
export function fingerprint(key: Uint8Array): string {
  return `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`;
}

/** The type is the first field of the key itself (RFC 4253, section 6.6); null when what came is no key. */
export function hostKeyOf(key: Uint8Array): HostKey | null {
  const bytes = Buffer.from(key);
  const length = bytes.length < 4 ? 0 : bytes.readUInt32BE(0);
  const type = bytes.subarray(4, 4 + length).toString("latin1");
  return type.length === length && /^[a-z0-9@.-]{1,64}$/.test(type)
    ? { type, blob: bytes.toString("base64"), print: fingerprint(bytes) }
    : null;
}

/** The line that makes this key known. */
export function pinLine(address: string, port: number, key: HostKey): string {
  return `${nameOf(address, port)} ${key.type} ${key.blob}`;
}

/**
 * Key types to ask a host for, best first. Where keys are known, their types alone: a host that has several keys must show one
 * that can be compared. A fingerprint has no type, and an unknown key is only looked at, so there all types are asked for.
 */
export function typesToAsk(known: KnownKeys): readonly string[] {
  const usable = new Set(known.keys.map((key) => key.type).filter((type) => ALGORITHMS.has(type)));
  return usable.size > 0 && known.pins.length === 0 ? [...usable] : [...new Set([...usable, ...ALGORITHMS.keys()])];
}

/** All key types that we can check. */
export function allTypes(): readonly string[] {
  return [...ALGORITHMS.keys()];
}

/** Signature algorithms of these types. */
export function serverAlgorithms(types: readonly string[]): ServerHostKeyAlgorithm[] {
  return types.flatMap((type) => ALGORITHMS.get(type) ?? []);
}

/** As it stands in known_hosts: the port is named unless it is 22, IPv6 addresses have brackets only then. */
function nameOf(address: string, port: number): string {
  const bare = address.toLowerCase();
  return port === 22 ? bare : `[${bare}]:${port}`;
}

/** Key types we accept, with their signatures; SHA-1 (`ssh-rsa`) and DSA are not among them. */
const ALGORITHMS = new Map<string, readonly ServerHostKeyAlgorithm[]>([
  ["ssh-ed25519", ["ssh-ed25519"]],
  ["ecdsa-sha2-nistp256", ["ecdsa-sha2-nistp256"]],
  ["ecdsa-sha2-nistp384", ["ecdsa-sha2-nistp384"]],
  ["ecdsa-sha2-nistp521", ["ecdsa-sha2-nistp521"]],
  ["ssh-rsa", ["rsa-sha2-512", "rsa-sha2-256"]],
]);

function matches(patterns: string, name: string): boolean {
  if (patterns.startsWith("|1|")) {
    const [, , salt, hash] = patterns.split("|");
    return (
      salt !== undefined && hash !== undefined && createHmac("sha1", Buffer.from(salt, "base64")).update(name).digest("base64") === hash
    );
  }
  const all = patterns.toLowerCase().split(",");
  if (all.some((pattern) => pattern.startsWith("!") && wildcard(pattern.slice(1), name))) return false;
  return all.some((pattern) => !pattern.startsWith("!") && wildcard(pattern, name));
}

function wildcard(pattern: string, name: string): boolean {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`).test(name);
}
