import { spawnSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  allTypes,
  fingerprint,
  hostKeyOf,
  judgeKey,
  keysOf,
  pinLine,
  serverAlgorithms,
  typesToAsk,
} from "../../../src/targets/ssh/known-hosts.ts";

const KEY = Buffer.concat([Buffer.from([0, 0, 0, 11]), Buffer.from("ssh-ed25519"), Buffer.from("key of the host")]);
const OTHER = Buffer.from("another key");
const B64 = KEY.toString("base64");
const OTHER64 = OTHER.toString("base64");

function hashed(name: string): string {
  const salt = Buffer.from("twenty bytes of salt");
  return `|1|${salt.toString("base64")}|${createHmac("sha1", salt).update(name).digest("base64")}`;
}

describe("known_hosts", () => {
  test.each([
    { name: "plain name", text: `web-1.acme.test ssh-ed25519 ${B64}`, port: 22, verdict: "known" },
    { name: "upper case in the file", text: `WEB-1.acme.test ssh-ed25519 ${B64} a comment`, port: 22, verdict: "known" },
    { name: "list of names", text: `10.0.0.1,web-1.acme.test ssh-ed25519 ${B64}`, port: 22, verdict: "known" },
    { name: "port", text: `[web-1.acme.test]:2222 ssh-ed25519 ${B64}`, port: 2222, verdict: "known" },
    { name: "a plain name says nothing about another port", text: `web-1.acme.test ssh-ed25519 ${B64}`, port: 2222, verdict: "unknown" },
    { name: "another port says nothing about port 22", text: `[web-1.acme.test]:2222 ssh-ed25519 ${B64}`, port: 22, verdict: "unknown" },
    { name: "hashed name", text: `${hashed("web-1.acme.test")} ssh-ed25519 ${B64}`, port: 22, verdict: "known" },
    { name: "hashed name with port", text: `${hashed("[web-1.acme.test]:2222")} ssh-ed25519 ${B64}`, port: 2222, verdict: "known" },
    { name: "hash of another name", text: `${hashed("web-2.acme.test")} ssh-ed25519 ${B64}`, port: 22, verdict: "unknown" },
    { name: "wildcard", text: `*.acme.test ssh-ed25519 ${B64}`, port: 22, verdict: "known" },
    { name: "a dot is a dot", text: `web-1xacme.test ssh-ed25519 ${B64}`, port: 22, verdict: "unknown" },
    { name: "negation beats a wildcard", text: `*.acme.test,!web-1.acme.test ssh-ed25519 ${B64}`, port: 22, verdict: "unknown" },
    { name: "changed", text: `web-1.acme.test ssh-ed25519 ${OTHER64}`, port: 22, verdict: "changed" },
    {
      name: "several key types",
      text: `web-1.acme.test ssh-rsa ${OTHER64}\nweb-1.acme.test ssh-ed25519 ${B64}`,
      port: 22,
      verdict: "known",
    },
    {
      name: "revoked beats known",
      text: `web-1.acme.test ssh-ed25519 ${B64}\n@revoked * ssh-ed25519 ${B64}`,
      port: 22,
      verdict: "revoked",
    },
    {
      name: "a certificate authority admits nothing",
      text: `@cert-authority *.acme.test ssh-ed25519 ${B64}`,
      port: 22,
      verdict: "unknown",
    },
    { name: "an unknown marker admits nothing", text: `@trusted web-1.acme.test ssh-ed25519 ${B64}`, port: 22, verdict: "unknown" },
    { name: "pinned fingerprint", text: `web-1.acme.test ${fingerprint(KEY)}`, port: 22, verdict: "known" },
    { name: "another pin", text: `web-1.acme.test ${fingerprint(OTHER)}`, port: 22, verdict: "changed" },
    { name: "a key under another type", text: `web-1.acme.test ssh-rsa ${B64}`, port: 22, verdict: "changed" },
    { name: "comment", text: `# web-1.acme.test ssh-ed25519 ${B64}`, port: 22, verdict: "unknown" },
    { name: "cut line", text: "web-1.acme.test ssh-ed25519", port: 22, verdict: "unknown" },
    { name: "nonsense", text: "\u0000\n@\n|1|\n|1|x|y z w\n,,, a b\n", port: 22, verdict: "unknown" },
    { name: "empty", text: "", port: 22, verdict: "unknown" },
  ])("$name: $verdict", ({ text, port, verdict }) => {
    expect(judgeKey(keysOf(text, "web-1.acme.test", port), KEY)).toBe(verdict);
  });

  test("only types of known keys are asked for, RSA without SHA-1, and none that we cannot check", () => {
    const known = keysOf(`h ssh-rsa ${B64}\nh ssh-ed25519 ${B64}\nh ssh-dss ${B64}\n@revoked h ecdsa-sha2-nistp256 ${B64}`, "h", 22);
    expect(serverAlgorithms(typesToAsk(known))).toEqual(["rsa-sha2-512", "rsa-sha2-256", "ssh-ed25519"]);
  });

  test("an unknown key is looked at whatever its type, and a pinned one has none", () => {
    expect(typesToAsk(keysOf("", "h", 22))).toEqual(allTypes());
    expect(typesToAsk(keysOf(`h ssh-rsa ${B64}\nh SHA256:abc`, "h", 22))).toEqual([
      "ssh-rsa",
      ...allTypes().filter((t) => t !== "ssh-rsa"),
    ]);
  });

  test("the line to pin is one that makes the key known", () => {
    const key = hostKeyOf(KEY);
    if (key === null) throw new Error("no key");
    for (const [address, port] of [
      ["web-1.acme.test", 22],
      ["2001:db8::1", 2222],
      ["::1", 22],
    ] as const) {
      const line = pinLine(address, port, key);
      expect(judgeKey(keysOf(line, address, port), KEY)).toBe("known");
      expect(judgeKey(keysOf(line, address, port + 1), KEY)).toBe("unknown");
    }
    expect(pinLine("2001:db8::1", 2222, key)).toMatch(/^\[2001:db8::1\]:2222 ssh-ed25519 /);
    expect(hostKeyOf(Buffer.from("no key"))).toBeNull();
  });

  test.skipIf(noKeygen())("names are found as ssh-keygen finds them", () => {
    const folder = mkdtempSync(join(tmpdir(), "greenlight-known-"));
    const file = join(folder, "known_hosts");
    const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGmY6bAd9yk0Yc7nRkeaTx9d5dKdnrcPYTmkKP5PXqHn";
    const differences = PATTERNS.flatMap((patterns) => {
      writeFileSync(file, `${patterns} ${key}\n`);
      return NAMES.flatMap(({ address, port }) => {
        const name = port === 22 ? address : `[${address}]:${port}`;
        const theirs = spawnSync("ssh-keygen", ["-F", name, "-f", file], { encoding: "utf8" }).stdout.includes("AAAAC3");
        const ours = keysOf(`${patterns} ${key}`, address, port).keys.length > 0;
        return ours === theirs ? [] : [`${patterns} for ${name}: we say ${ours}, ssh-keygen ${theirs}`];
      });
    });
    rmSync(folder, { recursive: true });
    expect(differences).toEqual([]);
  });
});

const PATTERNS = [
  "web-1.acme.test",
  "WEB-1.Acme.test",
  "*.acme.test",
  "web-?.acme.test,10.0.0.1",
  "*,!web-1.acme.test",
  "!web-1.acme.test",
  "[web-1.acme.test]:2222",
  "[*.acme.test]:2222",
  "[*]:*",
  "*",
  "::1",
  "[::1]:2222",
  "[::1]",
  "web-1.acme.test,[web-1.acme.test]:2222",
  "web-1xacme.test",
  "web-1.acme.tes",
  "+web-1.acme.test",
];
const NAMES = [
  { address: "web-1.acme.test", port: 22 },
  { address: "web-1.acme.test", port: 2222 },
  { address: "10.0.0.1", port: 22 },
  { address: "::1", port: 22 },
  { address: "::1", port: 2222 },
];

function noKeygen(): boolean {
  return spawnSync("ssh-keygen", ["-?"]).error !== undefined;
}
