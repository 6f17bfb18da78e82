import ssh2 from "ssh2";
import type { AnyAuthMethod, ParsedKey } from "ssh2";
import { fingerprint } from "./known-hosts.ts";
import type { SshAccount, SshDeps, SshPrivateKey } from "./protocol.ts";

/** A key of ours to offer. `name` says to people which one it is; it holds nothing of the private part. */
export type Identity = { readonly name: string; readonly print: string; readonly offer: (user: string) => AnyAuthMethod };

/** What can be offered with one account. `missing` says why the agent gave nothing; null if it did, or none is asked. */
export type Offers = { readonly identities: readonly Identity[]; readonly missing: string | null };

/** Asks for the identities of an account by its name; the agent is asked anew each time, since its keys come and go. */
export type Identities = (account: string) => Promise<Offers>;

/** An agent that asks a person for each key would hold a connection for ever. */
const AGENT_MS = 5000;

/** Reads and decrypts every key once: a passphrase costs half a second each time. @throws when one cannot be read, with what to do. */
export function openIdentities(deps: SshDeps): Identities {
  const given = new Map<string, SshAccount>([
    ["default", { privateKeys: deps.privateKeys, agentSocket: deps.agentSocket ?? null }],
    ...(deps.accounts ?? []),
  ]);
  const accounts = new Map(
    [...given].map(([name, account]) => {
      const keys = account.privateKeys.flatMap((key, index) => identitiesOf(key, index + 1));
      return [name, { keys, agentSocket: account.agentSocket }] as const;
    }),
  );
  return async (name) => {
    const account = accounts.get(name);
    if (account === undefined) return { identities: [], missing: `the connection ${name} is not in the configuration any more` };
    if (account.agentSocket === null) return { identities: account.keys, missing: null };
    const agent = await identitiesOfAgent(account.agentSocket);
    return { identities: [...account.keys, ...agent.identities], missing: agent.missing };
  };
}

function identitiesOf(given: string | Uint8Array | SshPrivateKey, number: number): readonly Identity[] {
  const key = typeof given === "string" || given instanceof Uint8Array ? plainKey(given, number) : given;
  return readKey(key).map((parsed) => ({
    name: key.from,
    print: fingerprint(parsed.getPublicSSH()),
    offer: (username) => ({ type: "publickey", username, key: parsed }),
  }));
}

function plainKey(text: string | Uint8Array, number: number): SshPrivateKey {
  return { text: typeof text === "string" ? text : Buffer.from(text).toString("utf8"), passphrases: [], from: `SSH private key ${number}` };
}

/** A file may hold more than one key; ssh2 answers with a list then, whatever its types say. */
function readKey(key: SshPrivateKey): readonly ParsedKey[] {
  for (const passphrase of [undefined, ...key.passphrases]) {
    const read: unknown = ssh2.utils.parseKey(key.text, passphrase);
    const keys = (Array.isArray(read) ? read : [read]).filter(isPrivateKey);
    if (keys.length > 0) return keys;
  }
  if (!isEncrypted(key.text))
    throw new Error(`${key.from} cannot be read; give a private key as ssh-keygen writes it (ssh-keygen -p -f FILE rewrites other forms)`);
  if (key.passphrases.length === 0)
    throw new Error(`${key.from} has a passphrase and none is given; give it beside the key, or a key without one`);
  throw new Error(`${key.from} is not opened by the passphrase given for it; try it with ssh-keygen -y -f FILE and give the right one`);
}

/** ssh2's types allow entries that its OpenSSH agent never gives. */
function isKey(entry: object): entry is ParsedKey {
  return "getPublicSSH" in entry;
}

function isPrivateKey(value: unknown): value is ParsedKey {
  return (
    typeof value === "object" && value !== null && "isPrivateKey" in value && Reflect.apply(Object(value.isPrivateKey), value, []) === true
  );
}

/** openssh-key-v1: magic, then the cipher's name with its length (PROTOCOL.key of OpenSSH); older forms say it in a header. */
function isEncrypted(text: string): boolean {
  const body = /^-----BEGIN OPENSSH PRIVATE KEY-----([^-]+)-----END/.exec(text.trim())?.[1];
  if (body === undefined) return text.includes("ENCRYPTED");
  return !Buffer.from(body, "base64").toString("latin1").startsWith("openssh-key-v1\0\0\0\0\u0004none");
}

function identitiesOfAgent(socketPath: string): Promise<Offers> {
  const agent = new ssh2.OpenSSHAgent(socketPath);
  return new Promise((answer) => {
    const timer = setTimeout(() => answer({ identities: [], missing: "the SSH agent did not answer in time" }), AGENT_MS);
    agent.getIdentities((fault, keys) => {
      clearTimeout(timer);
      if (fault || keys === undefined) return answer({ identities: [], missing: "the SSH agent cannot be asked; is it running?" });
      const identities = keys.filter(isKey).map((key) => ({
        name: "the SSH agent",
        print: fingerprint(key.getPublicSSH()),
        offer: (username: string): AnyAuthMethod => ({ type: "agent", username, agent: new OneOfAgent(agent, key) }),
      }));
      answer({ identities, missing: identities.length === 0 ? "the SSH agent holds no key; add one with ssh-add" : null });
    });
  });
}

/** An agent of one key: offered one by one, keys can be counted against what a server takes. It is never forwarded. */
class OneOfAgent extends ssh2.BaseAgent<ParsedKey> {
  readonly #agent: ssh2.OpenSSHAgent;
  readonly #key: ParsedKey;

  constructor(agent: ssh2.OpenSSHAgent, key: ParsedKey) {
    super();
    this.#agent = agent;
    this.#key = key;
  }

  override getIdentities(answer: ssh2.IdentityCallback<ParsedKey>): void {
    answer(undefined, [this.#key]);
  }

  override sign(key: ParsedKey, data: Buffer, options: ssh2.SigningRequestOptions | ssh2.SignCallback, signed?: ssh2.SignCallback): void {
    if (typeof options === "function") this.#agent.sign(key, data, options);
    else this.#agent.sign(key, data, options, signed);
  }
}
