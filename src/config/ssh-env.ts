import type { Names } from "./named-variable.ts";
import { Secret } from "./secret.ts";
import type { VariableReader } from "./variables.ts";

/** What opens servers. Keys are offered in this order, then those of the agent; the passphrase is that of every locked one. */
export type SshEnv = {
  readonly privateKeys: readonly SshKeyEnv[];
  readonly passphrase: Secret | null;
  /** The socket of an SSH agent; null: none is asked. */
  readonly agentSocket: string | null;
};

/** `from`: which variable gave it, for people. */
export type SshKeyEnv = { readonly text: Secret; readonly from: string };

/** The variable that makes the connection `default` ask the agent: its socket stands in many an environment where nobody meant this. */
const USE_AGENT = "SSH_USE_AGENT";

export function sshOf(read: VariableReader, names: Names): SshEnv {
  const { private_key: keyName, passphrase: passphraseName } = names.variables;
  const agentSocket = agentOf(read, names);
  const given = keyName === undefined ? [] : read.texts(keyName);
  if (names.declared && keyName !== undefined && !read.given(keyName))
    read.fault({
      name: keyName,
      says: "nothing, but greenlight.yml names it under `connections:`",
      write: "a private key, or its path with `_FILE` behind the name",
    });
  if (names.declared && passphraseName !== undefined && !read.given(passphraseName))
    read.fault({
      name: passphraseName,
      says: "nothing, but greenlight.yml names it under `connections:`",
      write: "the passphrase of that key",
    });
  const passphrase = passphraseName === undefined ? null : read.secret(passphraseName);
  const hasPassphrase = passphraseName !== undefined && read.given(passphraseName);
  const keys = given.flatMap(({ text, variable }) => keysIn(read, { text, variable, hasPassphrase, passphraseName }));
  const several = keys.length > 1;
  return {
    privateKeys: keys.map(({ text, variable }, index) => ({ text, from: several ? `key ${index + 1} of ${variable}` : variable })),
    passphrase,
    agentSocket,
  };
}

function agentOf(read: VariableReader, names: Names): string | null {
  const name = names.variables["agent"];
  if (name === undefined) return null;
  if (!names.declared) {
    const words = (read.text(USE_AGENT) ?? "no").trim().toLowerCase();
    if (words !== "yes" && words !== "no")
      read.fault({ name: USE_AGENT, says: "something else", write: "`yes` to offer the keys of the SSH agent, or `no`" });
    if (words !== "yes") return null;
  }
  const socket = read.text(name)?.trim() ?? null;
  if (socket === null) {
    const why = names.declared ? "greenlight.yml names it under `connections:`" : `${USE_AGENT} says yes`;
    read.fault({ name, says: `nothing, but ${why}`, write: "the path of the agent's socket, as ssh-agent prints it" });
  }
  return socket;
}

const KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----\s[^]*?-----END [A-Z ]*PRIVATE KEY-----/g;

/** The private keys of one text: a file may hold several, one behind the other. */
function keysIn(
  read: VariableReader,
  of: { readonly text: string; readonly variable: string; readonly hasPassphrase: boolean; readonly passphraseName: string | undefined },
): readonly { readonly text: Secret; readonly variable: string }[] {
  const { variable, hasPassphrase, passphraseName } = of;
  // Many a host of containers can hold one line only, so that keys are given with `\n` in two letters.
  const keys = of.text.replaceAll("\\n", "\n").match(KEY) ?? [];
  if (keys.length === 0)
    read.fault({
      name: variable,
      says: `${variable.endsWith("_FILE") ? "a file" : "something"} that is not a private key`,
      write: "the private key as ssh-keygen writes it, not the .pub file",
    });
  if (keys.some(isLocked) && !hasPassphrase) {
    const name = passphraseName ?? "a variable that `passphrase: env:NAME` of the connection names";
    const write = `its passphrase in ${name}, or a key of its own for Greenlight, made by ssh-keygen -N ''`;
    read.fault({ name: variable, says: "a key with a passphrase, and no passphrase is given", write });
  }
  return keys.map((text) => ({ text: new Secret(`${text}\n`), variable }));
}

/** openssh-key-v1: magic, then the cipher's name with its length (PROTOCOL.key of OpenSSH); older forms say it in a header. */
function isLocked(key: string): boolean {
  if (!key.startsWith("-----BEGIN OPENSSH")) return key.includes("ENCRYPTED");
  const bytes = Buffer.from(key.split("-----")[2] ?? "", "base64").toString("latin1");
  return !bytes.startsWith("openssh-key-v1\0\0\0\0\u0004none");
}
