import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, describe, expect, test } from "vitest";
import { checkEnv } from "../../src/config/check-env.ts";
import { formatEnvFaults } from "../../src/config/env-fault.ts";
import { configPathOf, loadEnv, secretsOf } from "../../src/config/env.ts";
import { formatFaults } from "../../src/config/fault.ts";
import { parseConfig } from "../../src/config/load.ts";
import type { Config } from "../../src/domain/config.ts";
import { summaryOf } from "../../src/cli/summary.ts";
import { changed } from "./broken.ts";
import { EXAMPLE } from "./example.ts";

const folder = mkdtempSync(join(tmpdir(), "greenlight-env-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

function sshKey(name: string, passphrase = ""): string {
  const path = join(folder, name);
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", passphrase, "-f", path]);
  return path;
}

function config(text: string): Config {
  const result = parseConfig(text, "greenlight.yml");
  if (!result.ok) throw new Error(formatFaults(result.refusal));
  return result.value;
}

const SLACK = { SLACK_BOT_TOKEN: "xoxb-not-a-real-token", SLACK_SIGNING_SECRET: "signing-secret-1" };
const ACME = { ACME_GITLAB_TOKEN: "glpat-not-real-1", ACME_GITLAB_SECRET: "gitlab-hook-secret" };

function faultsOf(variables: Record<string, string>, text = EXAMPLE): string {
  const { connections } = config(text);
  const result = loadEnv({ ...SLACK, ...ACME, ...variables }, connections);
  return result.ok ? formatEnvFaults(checkEnv(result.value, config(text))) : formatEnvFaults(result.refusal);
}

function whole(): Record<string, string> {
  return {
    ...SLACK,
    ...ACME,
    GITHUB_WEBHOOK_SECRET: "github-hook-secret",
    SENTRY_AUTH_TOKEN: "sntrys-not-real-1",
    SENTRY_ORG: "acme",
    SSH_PRIVATE_KEY_FILE: sshKey(`key-${Math.floor(performance.now() * 1000)}`),
    SSH_KNOWN_HOSTS_FILE: file("known_hosts", "web-1.acme.test ssh-ed25519 AAAA\n"),
    HISTORY_KEY: "history-key-of-the-bot",
    DATABASE_URL: "postgresql://bot:database-password@db.test/greenlight",
  };
}

describe("a whole environment", () => {
  test("has no fault and gives each value where it belongs", () => {
    const result = loadEnv(
      { ...whole(), PORT: "8080", LOG_LEVEL: "WARN", GITHUB_API_URL: "http://127.0.0.1:9999/" },
      config(EXAMPLE).connections,
    );
    if (!result.ok) throw new Error(formatEnvFaults(result.refusal));
    const env = result.value;
    expect(checkEnv(env, config(EXAMPLE))).toEqual([]);
    expect(env).toMatchObject({ configPath: "greenlight.yml", port: 8080, logLevel: "warn", sentryDsn: null, metricsToken: null });
    expect(env.slack.botToken.reveal()).toBe("xoxb-not-a-real-token");
    expect(env.github.get("default")).toMatchObject({ apiUrl: "http://127.0.0.1:9999", token: null, app: null });
    expect(env.gitlab.get("acme-gitlab")?.token?.reveal()).toBe("glpat-not-real-1");
    expect(env.gitlab.get("acme-gitlab")?.apiUrl).toBe("https://git.acme.test");
    expect(env.sentry.get("default")).toMatchObject({ organization: "acme", apiUrl: "https://sentry.io" });
    expect(env.ssh.get("default")?.privateKeys[0]?.text.reveal()).toContain("PRIVATE KEY");
    expect(env.knownHosts).toContain("ssh-ed25519");
  });

  test("may give any secret by a file, without its last line break", () => {
    const { SLACK_BOT_TOKEN: _, ...rest } = whole();
    const result = loadEnv({ ...rest, SLACK_BOT_TOKEN_FILE: file("bot-token", "xoxb-from-a-file\n") }, config(EXAMPLE).connections);
    expect(result.ok && result.value.slack.botToken.reveal()).toBe("xoxb-from-a-file");
  });

  test("takes a GitHub App whose key stands on one line", () => {
    const app = { GITHUB_APP_ID: "12345", GITHUB_PRIVATE_KEY: "-----BEGIN RSA PRIVATE KEY-----\\nabc\\n-----END RSA PRIVATE KEY-----" };
    const result = loadEnv({ ...whole(), ...app }, config(EXAMPLE).connections);
    const given = result.ok ? result.value.github.get("default")?.app : null;
    expect(given?.id).toBe("12345");
    expect(given?.privateKey.reveal().split("\n")).toHaveLength(3);
  });

  test("names the configuration, by default greenlight.yml", () => {
    expect(configPathOf({})).toBe("greenlight.yml");
    expect(configPathOf({ GREENLIGHT_CONFIG: "/etc/greenlight.yml" })).toBe("/etc/greenlight.yml");
  });
});

describe("a faulty environment", () => {
  test.each([
    { name: "no bot token", variables: { SLACK_BOT_TOKEN: "" }, says: "SLACK_BOT_TOKEN: says nothing. Write: the bot's token" },
    { name: "tokens swapped", variables: { SLACK_BOT_TOKEN: "xapp-1-swapped-token" }, says: "SLACK_BOT_TOKEN: says another kind of token" },
    {
      name: "an app token of another kind",
      variables: { SLACK_APP_TOKEN: "xoxb-swapped-token" },
      says: "SLACK_APP_TOKEN: says another kind",
    },
    { name: "no signing secret", variables: { SLACK_SIGNING_SECRET: " " }, says: "SLACK_SIGNING_SECRET: says nothing" },
    { name: "a short secret", variables: { METRICS_TOKEN: "hunter2" }, says: "METRICS_TOKEN: says a secret under 8 characters" },
    {
      name: "a value and a file",
      variables: { METRICS_TOKEN: "metrics-token", METRICS_TOKEN_FILE: "/x" },
      says: "METRICS_TOKEN: says two values",
    },
    {
      name: "a missing file",
      variables: { METRICS_TOKEN_FILE: "/nonexistent" },
      says: "METRICS_TOKEN_FILE: says a file that cannot be read (ENOENT)",
    },
    { name: "a port in words", variables: { PORT: "http" }, says: "PORT: says something that is not a port" },
    { name: "a port too high", variables: { PORT: "70000" }, says: "PORT: says something that is not a port" },
    { name: "an unknown level", variables: { LOG_LEVEL: "debgu" }, says: "Write: `debug`" },
    {
      name: "another database",
      variables: { DATABASE_URL: "mysql://root@db/x" },
      says: "DATABASE_URL: says an address that is not one of PostgreSQL",
    },
    {
      name: "an address without scheme",
      variables: { SLACK_API_URL: "slack.test" },
      says: "SLACK_API_URL: says something that is not an address",
    },
    { name: "half a GitHub App", variables: { GITHUB_APP_ID: "12345" }, says: "GITHUB_PRIVATE_KEY: says nothing, but the other half" },
    {
      name: "a secret that the file names",
      variables: { ACME_GITLAB_TOKEN: "" },
      says: "ACME_GITLAB_TOKEN: says nothing, but greenlight.yml names it",
    },
    {
      name: "a public key",
      variables: { SSH_PRIVATE_KEY_FILE: "KEY.pub" },
      says: "SSH_PRIVATE_KEY_FILE: says a file that is not a private key",
    },
    {
      name: "a key with a passphrase",
      variables: { SSH_PRIVATE_KEY_FILE: "LOCKED" },
      says: "SSH_PRIVATE_KEY_FILE: says a key with a passphrase",
    },
  ])("says what to write: $name", ({ variables, says }) => {
    const key = variables.SSH_PRIVATE_KEY_FILE;
    const path = key === "KEY.pub" ? `${sshKey("open")}.pub` : key === "LOCKED" ? sshKey("locked", "a long passphrase") : null;
    expect(faultsOf(path === null ? variables : { SSH_PRIVATE_KEY_FILE: path })).toContain(says);
  });

  test("is told with all its faults at once", () => {
    expect(faultsOf({ PORT: "x", LOG_LEVEL: "x", SLACK_BOT_TOKEN: "", METRICS_TOKEN: "short" }).split("\n")).toHaveLength(4);
  });

  test("lacks what this configuration needs, each variable once", () => {
    const missing = faultsOf({ DATABASE_URL: "postgresql://bot:database-password@db.test/greenlight" });
    expect(missing.split("\n").map((line) => line.split(":")[0])).toEqual([
      "GITHUB_WEBHOOK_SECRET",
      "SENTRY_AUTH_TOKEN",
      "SENTRY_ORG",
      "SSH_PRIVATE_KEY_FILE",
      "SSH_KNOWN_HOSTS_FILE",
      "HISTORY_KEY",
    ]);
  });

  test("needs not the default secret when the code is at another connection, but that one's", () => {
    const text = changed(
      ["type: gitlab", "type: github"],
      ["github:acme/shop", "acme-gitlab:acme/shop"],
      [", webhook_secret: env:ACME_GITLAB_SECRET", ""],
    );
    const missing = faultsOf({}, text);
    expect(missing).toContain("connections.acme-gitlab.webhook_secret: says nothing, but shop takes what CI reports");
    expect(missing).not.toContain("GITHUB_WEBHOOK_SECRET");
  });
});

test("a signing token of GitLab is one that GitLab made", () => {
  const token = `whsec_${Buffer.from("a signing token of the test").toString("base64")}`;
  expect(faultsOf({ GITLAB_SIGNING_TOKEN: "not-what-gitlab-showed" })).toContain(
    "GITLAB_SIGNING_TOKEN: says something that is no signing token",
  );
  expect(faultsOf({ GITLAB_SIGNING_TOKEN: token })).not.toContain("GITLAB_SIGNING_TOKEN");
});

describe("secrets", () => {
  const SECRET = "s3cr3t-Value-0451";

  test("appear in no text, JSON or inspection of an environment", () => {
    const names = Object.keys(whole()).filter((name) => !/SSH|DATABASE|ORG/.test(name));
    const secrets = Object.fromEntries(
      names.map((name, index) => [name, `${name === "SLACK_BOT_TOKEN" ? "xoxb-" : ""}${SECRET}-${index}`]),
    );
    const result = loadEnv({ ...whole(), ...secrets, DATABASE_URL: `postgresql://bot:${SECRET}@db/x` }, config(EXAMPLE).connections);
    if (!result.ok) throw new Error(formatEnvFaults(result.refusal));
    const env = result.value;
    const shown = [
      JSON.stringify(env),
      inspect(env, { depth: 9, showHidden: true }),
      String(env.databaseUrl),
      `${env.slack.botToken.toString()}`,
    ];
    shown.push(JSON.stringify([...env.github.values(), ...env.gitlab.values(), ...env.sentry.values(), ...env.ssh.values()]));
    for (const text of shown) expect(text).not.toContain(SECRET);
    for (const text of shown) expect(text).not.toContain("PRIVATE KEY-----");
  });

  test("are listed for whoever must keep them out of logs, the database's password by itself too", () => {
    const result = loadEnv(
      { ...whole(), DATABASE_URL: `postgresql://bot:${encodeURIComponent(`${SECRET}/?`)}@db/x` },
      config(EXAMPLE).connections,
    );
    if (!result.ok) throw new Error(formatEnvFaults(result.refusal));
    const listed = secretsOf(result.value);
    expect(listed).toEqual(expect.arrayContaining(["xoxb-not-a-real-token", "glpat-not-real-1", "history-key-of-the-bot", `${SECRET}/?`]));
    expect(listed.some((secret) => secret.includes("PRIVATE KEY-----"))).toBe(true);
  });

  test("appear in no fault of any variable, whatever is wrong with it", () => {
    const names = [
      ...Object.keys(whole()),
      "PORT",
      "LOG_LEVEL",
      "SLACK_API_URL",
      "SLACK_APP_TOKEN",
      "GITHUB_API_URL",
      "GITHUB_APP_ID",
      "SENTRY_DSN",
    ];
    for (const name of [...names, ...names.map((each) => `${each}_FILE`)]) {
      expect(faultsOf({ [name]: SECRET })).not.toContain(SECRET);
      expect(faultsOf({ [name]: file("wrong", `${SECRET}\n`) })).not.toContain(SECRET);
    }
  });

  test.each([
    { name: "a token in place of its name", text: changed(["env:ACME_GITLAB_TOKEN", SECRET]) },
    { name: "a token as a map", text: changed(["env:ACME_GITLAB_TOKEN", `{ value: ${SECRET} }`]) },
    { name: "a provider's token anywhere", text: changed(["branch: main", `branch: "xoxb-${SECRET} "`]) },
    { name: "a password in an address", text: changed(["https://shop.acme.test/health", `https://bot:${SECRET}@shop.acme.test`]) },
    { name: "a password in a host", text: changed(["deploy@staging.acme.test", `"deploy:${SECRET}@staging.acme.test"`]) },
    { name: "a password in a repository", text: changed(["github:acme/shop", `https://bot:${SECRET}@github.com/acme/shop`]) },
    {
      name: "a password in the origin",
      text: changed(["recipe: django }", `recipe: django, origin: "https://bot:${SECRET}@git.test/shop" }`]),
    },
    {
      name: "a variable of the target",
      text: changed(["recipe: django }", `recipe: django, environment: { KEY: { x: ${SECRET} }, "1": ${SECRET} } }`]),
    },
    { name: "a command", text: changed(["recipe: django }", `recipe: django, commands: { restart: "deploy --key ${SECRET}" } }`]) },
    { name: "broken YAML after a token", text: changed(["env:ACME_GITLAB_TOKEN", `"${SECRET}`]) },
    { name: "an escape that does not exist", text: changed(["env:ACME_GITLAB_TOKEN", `"\\q${SECRET}"`]) },
  ])("appear in no fault of the file: $name", ({ text }) => {
    const result = parseConfig(text, "greenlight.yml");
    expect(result.ok).toBe(false);
    expect(result.ok ? "" : formatFaults(result.refusal)).not.toContain(SECRET);
  });

  test("appear in no summary", () => {
    const target = `recipe: django, environment: { KEY: ${SECRET} }, commands: { restart: [deploy, ${SECRET}] } }`;
    const text = changed(["recipe: django }", target], ["acme.test/health", `acme.test/health?key=${SECRET}`]);
    expect(summaryOf(config(text))).toContain("https://shop.acme.test/health");
    expect(summaryOf(config(text))).not.toContain(SECRET);
  });
});

describe("a pager", () => {
  const SIGNING = `whsec_${"a".repeat(43)}=`;
  const BOTH = changed([
    "connections:",
    "connections:\n  duty: { type: pager, routing_key: env:PAGERDUTY_KEY }\n  own: { type: pager, url: env:ONCALL_URL, secret: env:ONCALL_SECRET }",
  ]);

  test("is PagerDuty by its key, or an address of one's own by a secret that signs; both are kept out of texts", () => {
    const variables = { PAGERDUTY_KEY: "r0123456789abcdef", ONCALL_URL: "https://oncall.acme.test/hook/t0ken", ONCALL_SECRET: SIGNING };
    const { connections } = config(BOTH);
    const result = loadEnv({ ...whole(), ...variables }, connections);
    if (!result.ok) throw new Error(formatEnvFaults(result.refusal));
    const { pager } = result.value;
    expect(pager.get("duty")).toMatchObject({ shape: "pagerduty", url: "https://events.pagerduty.com/v2/enqueue" });
    expect(pager.get("own")).toMatchObject({ shape: "plain" });
    const listed = secretsOf(result.value);
    for (const secret of Object.values(variables)) {
      expect(listed).toContain(secret);
      expect(`${JSON.stringify([...pager.values()])}${inspect(result.value, { depth: 9 })}`).not.toContain(secret);
      expect(summaryOf(config(BOTH))).not.toContain(secret);
    }
  });

  test.each([
    ["its key is missing", { ONCALL_URL: "https://oncall.acme.test", ONCALL_SECRET: SIGNING }, "PAGERDUTY_KEY"],
    [
      "its secret signs nothing",
      { PAGERDUTY_KEY: "r0123456789abcdef", ONCALL_URL: "https://oncall.acme.test", ONCALL_SECRET: "a-password-of-mine" },
      "ONCALL_SECRET",
    ],
    [
      "its address has no TLS",
      { PAGERDUTY_KEY: "r0123456789abcdef", ONCALL_URL: "http://oncall.acme.test", ONCALL_SECRET: SIGNING },
      "ONCALL_URL",
    ],
  ])("is a fault where %s", (_name, variables, name) => {
    const said = faultsOf({ ...whole(), ...variables }, BOTH);
    expect(said).toContain(name);
    for (const value of Object.values(variables)) expect(said).not.toContain(value);
  });
});

describe("a duty roster", () => {
  const ROSTER = changed(["connections:", "connections:\n  duty: { type: roster, url: env:DUTY_URL, token: env:DUTY_TOKEN }"]);

  test("has an address and a token, which are kept out of texts", () => {
    const variables = { DUTY_URL: "https://duty.acme.test/now/c4pability", DUTY_TOKEN: "r0ster-t0ken-0123456789" };
    const result = loadEnv({ ...whole(), ...variables }, config(ROSTER).connections);
    if (!result.ok) throw new Error(formatEnvFaults(result.refusal));
    expect(result.value.roster.has("duty")).toBe(true);
    for (const secret of Object.values(variables)) {
      expect(secretsOf(result.value)).toContain(secret);
      expect(inspect(result.value, { depth: 9 })).not.toContain(secret);
    }
  });

  test.each([
    ["its token is missing", { DUTY_URL: "https://duty.acme.test/now" }, "DUTY_TOKEN"],
    ["its address has no TLS", { DUTY_URL: "http://duty.acme.test/now", DUTY_TOKEN: "r0ster-t0ken-0123456789" }, "DUTY_URL"],
  ])("is a fault where %s", (_name, variables, name) => {
    const said = faultsOf({ ...whole(), ...variables }, ROSTER);
    expect(said).toContain(name);
    for (const value of Object.values(variables)) expect(said).not.toContain(value);
  });
});
