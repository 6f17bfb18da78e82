import { generateKeyPairSync } from "node:crypto";
import ssh2 from "ssh2";

/** `privateKey` is PEM text without passphrase, as SSH_PRIVATE_KEY_FILE may hold it; `publicKey` is a line of authorized_keys. */
export type KeyPair = { readonly privateKey: string; readonly publicKey: string };

/**
 * A throw-away ECDSA key. Made by Node: some of the ed25519 keys that ssh2 1.17 makes cannot be read again,
 * not even by itself.
 */
export function newKeyPair(): KeyPair {
  const { privateKey } = generateKeyPairSync("ec", {
    namedCurve: "P-256",
    privateKeyEncoding: { type: "sec1", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  const { type, bytes } = publicPart(privateKey);
  return { privateKey, publicKey: `${type} ${bytes.toString("base64")}` };
}

/** Type and wire form of a key's public part, from either part. @throws when the text is no key. */
export function publicPart(text: string): { readonly type: string; readonly bytes: Buffer } {
  const parsed = ssh2.utils.parseKey(text);
  if (parsed instanceof Error) throw new Error("a key of the sandbox host cannot be read", { cause: parsed });
  return { type: parsed.type, bytes: parsed.getPublicSSH() };
}
