import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, describe, expect, test } from "vitest";
import { checkEnv } from "../../src/config/check-env.ts";
import { formatEnvFaults } from "../../src/config/env-fault.ts";
import { loadEnv, secretsOf } from "../../src/config/env.ts";
import { formatFaults } from "../../src/config/fault.ts";
import { parseConfig } from "../../src/config/load.ts";
import type { Config, Host } from "../../src/domain/config.ts";
import { changed } from "./broken.ts";
import { EXAMPLE } from "./example.ts";

const folder = mkdtempSync(join(tmpdir(), "greenlight-ssh-env-"));
afterAll(() => rmSync(folder, { recursive: true }));

const PASSPHRASE = "correct horse battery";
const BASE = {
  SLACK_BOT_TOKEN: "xoxb-not-a-real-token",
  SLACK_SIGNING_SECRET: "signing-secret-1",
  ACME_GITLAB_TOKEN: "glpat-not-real-1",
  ACME_GITLAB_SECRET: "gitlab-hook-secret",
};

function newKey(name: string, passphrase = "", ...more: string[]): string {
  const path = join(folder, name);
  execFileSync("ssh-keygen", ["-q", "-t", "ecdsa", "-N", passphrase, "-f", path, ...more]);
  return path;
}
const open = newKey("open");
const locked = newKey("locked", PASSPHRASE);
const lockedPem = newKey("locked-pem", PASSPHRASE, "-m", "PEM");

function load(text: string): Config {
  const result = parseConfig(text, "greenlight.yml");
  if (!result.ok) throw new Error(formatFaults(result.refusal));
  return result.value;
}
function envOf(variables: Record<string, string>, text = EXAMPLE) {
  return loadEnv({ ...BASE, ...variables }, load(text).connections);
}
function sshOf(variables: Record<string, string>, text = EXAMPLE) {
  const result = envOf(variables, text);
  if (!result.ok) throw new Error(formatEnvFaults(result.refusal));
  return result.value;
}
function faultsOf(variables: Record<string, string>, text = EXAMPLE): string {
  const result = envOf(variables, text);
  return formatEnvFaults(result.ok ? checkEnv(result.value, load(text)) : result.refusal);
}
/** The example with an ssh connection, and with words more on staging's target. */
function withSsh(connection: string, target = ""): string {
  return changed(["connections:", `connections:\n  acme-web: ${connection}`], ["recipe: django }", `recipe: django${target} }`]);
}
function stagingHost(text: string): Host | undefined {
  return load(text).apps[0]?.environments[0]?.target.hosts[0];
}

describe("SSH keys of the environment", () => {
  test("several files, each with one key or more", () => {
    const both = join(folder, "both");
    writeFileSync(both, `${readFileSync(open, "utf8")}\n${readFileSync(lockedPem, "utf8")}`);
    const account = sshOf({ SSH_PRIVATE_KEY_FILE: `${locked}, ${both}`, SSH_PRIVATE_KEY_PASSPHRASE: PASSPHRASE }).ssh.get("default");
    expect(account?.privateKeys.map(({ from }) => from)).toEqual([1, 2, 3].map((number) => `key ${number} of SSH_PRIVATE_KEY_FILE`));
    expect(account?.privateKeys[1]?.text.reveal()).toBe(readFileSync(open, "utf8"));
    expect(account?.passphrase?.reveal()).toBe(PASSPHRASE);
    expect(account?.agentSocket).toBeNull();
  });

  test("a key in the variable itself, also in one line, and a passphrase in a file", () => {
    const file = join(folder, "passphrase");
    writeFileSync(file, `${PASSPHRASE}\n`);
    const inOneLine = readFileSync(locked, "utf8")
      .trim()
      .replaceAll("\n", String.raw`\n`);
    const account = sshOf({ SSH_PRIVATE_KEY: inOneLine, SSH_PRIVATE_KEY_PASSPHRASE_FILE: file }).ssh.get("default");
    expect(account?.privateKeys.map(({ text, from }) => [text.reveal(), from])).toEqual([
      [readFileSync(locked, "utf8"), "SSH_PRIVATE_KEY"],
    ]);
    expect(account?.passphrase?.reveal()).toBe(PASSPHRASE);
  });

  test.each([
    { name: "a locked key alone", variables: { SSH_PRIVATE_KEY_FILE: locked } },
    { name: "a locked key of the older form", variables: { SSH_PRIVATE_KEY_FILE: `${open},${lockedPem}` } },
  ])("$name asks for its passphrase", ({ variables }) => {
    expect(faultsOf(variables)).toMatch(
      /^SSH_PRIVATE_KEY_FILE: says a key with a passphrase, and no passphrase is given. Write: its passphrase in SSH_PRIVATE_KEY_PASSPHRASE/,
    );
  });

  test("a passphrase that is no secret any more is refused", () => {
    expect(faultsOf({ SSH_PRIVATE_KEY_FILE: locked, SSH_PRIVATE_KEY_PASSPHRASE: "short" })).toContain(
      "SSH_PRIVATE_KEY_PASSPHRASE: says a secret under 8 characters",
    );
  });

  test("an agent is asked only when that is said", () => {
    const socket = "/run/user/1000/agent";
    expect(sshOf({ SSH_AUTH_SOCK: socket }).ssh.get("default")?.agentSocket).toBeNull();
    expect(sshOf({ SSH_AUTH_SOCK: socket, SSH_USE_AGENT: "yes" }).ssh.get("default")?.agentSocket).toBe(socket);
    expect(faultsOf({ SSH_USE_AGENT: "yes" })).toContain("SSH_AUTH_SOCK: says nothing, but SSH_USE_AGENT says yes");
    expect(faultsOf({ SSH_USE_AGENT: "always" })).toContain("SSH_USE_AGENT: says something else");
    expect(faultsOf({ SSH_USE_AGENT: "yes", SSH_AUTH_SOCK: socket })).not.toContain("SSH_PRIVATE_KEY_FILE");
  });

  test("keys and passphrases are shown nowhere, and listed for redaction", () => {
    const env = sshOf({ SSH_PRIVATE_KEY_FILE: locked, SSH_PRIVATE_KEY_PASSPHRASE: PASSPHRASE });
    const shown = [JSON.stringify([...env.ssh]), inspect(env, { depth: 9, showHidden: true })];
    for (const text of shown) expect(text).not.toMatch(/BEGIN|correct horse/);
    expect(secretsOf(env)).toEqual(expect.arrayContaining([PASSPHRASE, readFileSync(locked, "utf8")]));
  });
});

describe("connections of type ssh", () => {
  test("a target, its hosts and their jump hosts name their own", () => {
    const text = withSsh(
      "{ type: ssh, private_key: env:ACME_WEB_KEY }",
      ', connection: acme-web, jump: ["ops@gate.acme.test", "ops@[2001:db8::1]:2222"]',
    );
    const host = stagingHost(text);
    expect(host?.connection).toBe("acme-web");
    expect(host?.jump).toEqual([
      { address: "gate.acme.test", port: 22, user: "ops" },
      { address: "2001:db8::1", port: 2222, user: "ops" },
    ]);
    const account = sshOf({ ACME_WEB_KEY_FILE: open }, text).ssh.get("acme-web");
    expect(account?.privateKeys.map(({ from }) => from)).toEqual(["ACME_WEB_KEY_FILE"]);
  });

  test("a host has other words than its target", () => {
    const direct = "{ address: staging.acme.test, user: deploy, jump: [], connection: default }";
    const text = withSsh("{ type: ssh, agent: env:SSH_AUTH_SOCK }", ", jump: ops@gate.acme.test, connection: acme-web").replace(
      "hosts: [deploy@staging.acme.test]",
      `hosts: [${direct}, deploy@staging-2.acme.test]`,
    );
    const hosts = load(text).apps[0]?.environments[0]?.target.hosts;
    expect(hosts?.map(({ jump, connection }) => [jump?.length, connection])).toEqual([
      [undefined, undefined],
      [1, "acme-web"],
    ]);
    expect(sshOf({ SSH_AUTH_SOCK: "/agent" }, text).ssh.get("acme-web")?.agentSocket).toBe("/agent");
    expect(sshOf({ SSH_AUTH_SOCK: "/agent" }, text).ssh.get("default")?.agentSocket).toBeNull();
  });

  test.each([
    { name: "neither key nor agent", connection: "{ type: ssh }", says: "`{ type: ssh, private_key: env:ACME_WEB_KEY }`" },
    { name: "a key in the file", connection: "{ type: ssh, private_key: abc }", says: "a secret never stands in this file" },
    {
      name: "a connection that is not there",
      connection: "{ type: ssh, private_key: env:KEY }",
      target: ", connection: acme-wbe",
      says: "the connection `acme-wbe`, which is not under `connections:`",
    },
    {
      name: "a connection of another type",
      connection: "{ type: ssh, private_key: env:KEY }",
      target: ", connection: acme-gitlab",
      says: "which is of type gitlab",
    },
    {
      name: "a jump host without user",
      connection: "{ type: ssh, private_key: env:KEY }",
      target: ", jump: gate.acme.test",
      says: "`user@host`",
    },
    {
      name: "a jump host that is an option",
      connection: "{ type: ssh, private_key: env:KEY }",
      target: ', jump: ["ops@-oProxyCommand=id"]',
      says: "`user@host`",
    },
  ])("are refused with what to write: $name", ({ connection, target, says }) => {
    const result = parseConfig(withSsh(connection, target), "greenlight.yml");
    expect(result.ok ? "" : formatFaults(result.refusal)).toContain(says);
  });

  test("the variable that the file names must be there", () => {
    const text = withSsh("{ type: ssh, private_key: env:ACME_WEB_KEY, passphrase: env:ACME_WEB_PASS }");
    expect(faultsOf({}, text)).toContain("ACME_WEB_KEY: says nothing, but greenlight.yml names it");
    expect(faultsOf({}, text)).toContain("ACME_WEB_PASS: says nothing, but greenlight.yml names it");
  });

  test("behind different jump hosts, one address is two servers", () => {
    const hosts =
      "[{ address: 10.0.0.5, user: deploy, label: a, jump: ops@east.test }, { address: 10.0.0.5, user: deploy, label: b, jump: ops@west.test }]";
    const text = EXAMPLE.replace("[deploy@staging.acme.test]", hosts);
    expect(stagingHost(text)?.jump).toHaveLength(1);
    const one = parseConfig(text.replaceAll("west", "east"), "greenlight.yml");
    expect(one.ok ? "" : formatFaults(one.refusal)).toContain("a folder of its own");
  });
});

describe("the database's address", () => {
  test.each([
    "postgresql://greenlight@/greenlight?host=/var/run/postgresql",
    "postgres://greenlight:database-password@/greenlight?host=%2Fvar%2Frun%2Fpostgresql",
    "postgresql:///greenlight?host=/var/run/postgresql",
    "postgresql://bot@[::1]:5433/greenlight",
  ])("may be a socket's or IPv6: %s", (DATABASE_URL) => {
    expect(sshOf({ DATABASE_URL }).databaseUrl?.reveal()).toBe(DATABASE_URL);
  });

  test.each(["postgresql://bot:100%@/greenlight?host=/run", "postgresql://@bad host/greenlight", "postgresql://"])(
    "is refused: %s",
    (DATABASE_URL) => {
      expect(faultsOf({ DATABASE_URL })).toContain("DATABASE_URL: says an address that is not one of PostgreSQL");
    },
  );

  test.each([
    "postgresql:///greenlight?host=/run&user=bot&password=database-password",
    "postgresql://bot:database-password@/greenlight?host=/run",
  ])("its password is kept out of logs by itself: %s", (DATABASE_URL) => {
    expect(secretsOf(sshOf({ DATABASE_URL }))).toContain("database-password");
  });
});
