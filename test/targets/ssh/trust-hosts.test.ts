import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Sshd } from "../../support/sshd.ts";
import { whyNoSshd } from "../../support/sshd.ts";
import { openYard } from "../../support/ssh-yard.ts";
import type { SshYard, YardKey } from "../../support/ssh-yard.ts";

const skip = whyNoSshd();

describe.skipIf(skip !== null)(`which host keys of real servers are known${skip === null ? "" : ` (${skip})`}`, () => {
  const yard: SshYard = openYard();
  let key: YardKey;
  let server: Sshd;
  let six: Sshd;
  beforeAll(async () => {
    key = yard.newKey("key");
    server = await yard.server({ admits: [key], hostKeyTypes: ["rsa", "ecdsa", "ed25519"] });
    six = await yard.server({ admits: [key], listen: "::1" });
  });
  afterAll(() => yard.close());

  const wayWith = (knownHosts: string, to: Sshd = server) => yard.target({ privateKeys: [key.text], knownHosts }).way(yard.host(to));
  const line = (type: "rsa" | "ecdsa" | "ed25519") => server.hostKeyLines[["rsa", "ecdsa", "ed25519"].indexOf(type)] ?? "";
  const blob = (type: "rsa" | "ecdsa" | "ed25519") => line(type).split(" ").slice(1).join(" ");
  function printOf(keyLine: string): string {
    const file = join(yard.folder, "one-key");
    writeFileSync(file, `${keyLine}\n`);
    return execFileSync("ssh-keygen", ["-lf", file], { encoding: "utf8" }).split(" ")[1] ?? "";
  }
  function otherKey(type: "rsa" | "ecdsa" | "ed25519"): string {
    return yard.newKey(`other-${type}-${readdirSync(yard.folder).length}`, { type }).line;
  }

  test.each(["rsa", "ecdsa", "ed25519"] as const)("a host of three keys shows the %s key when that one is known", async (type) => {
    expect(await wayWith(line(type))).toMatchObject({ kind: "reached", hops: [{ hostKey: { print: printOf(line(type)) } }] });
  });

  test.each(["rsa", "ecdsa", "ed25519"] as const)("a pinned fingerprint of its %s key is found among the three", async (type) => {
    const pinned = `[127.0.0.1]:${server.port} ${printOf(line(type))}`;
    expect(await wayWith(pinned)).toMatchObject({ kind: "reached", hops: [{ hostKey: { print: printOf(line(type)) } }] });
  });

  test("names that ssh-keygen hashed are found", async () => {
    const file = join(yard.folder, "hashed");
    writeFileSync(file, `# a comment\n\nother.test ${blob("rsa")}\n${line("ed25519")} deploy key of web-1\n`);
    execFileSync("ssh-keygen", ["-q", "-H", "-f", file], { stdio: "ignore" });
    const hashed = readFileSync(file, "utf8");
    expect(hashed).not.toContain("127.0.0.1");
    expect(await wayWith(hashed)).toMatchObject({ kind: "reached" });
    expect(
      await wayWith(
        hashed
          .split("\n")
          .filter((words) => !words.includes("ed25519"))
          .join("\n"),
      ),
    ).toMatchObject({ kind: "unreachable" });
  });

  test.each([
    { form: "a list with a wildcard", lines: () => `other.test,[127.0.*]:${server.port} ${blob("ed25519")}`, kind: "reached" },
    { form: "a negated name", lines: () => `*,![127.0.0.1]:${server.port} ${blob("ed25519")}`, kind: "unreachable" },
    { form: "another port", lines: () => `[127.0.0.1]:1 ${blob("ed25519")}`, kind: "unreachable" },
    {
      form: "two keys of one type, as while keys change",
      lines: () => `${line("ed25519").replace(/ \S+ \S+$/, "")} ${otherKey("ed25519")}\n${line("ed25519")}`,
      kind: "reached",
    },
    { form: "a revoked other key", lines: () => `@revoked * ${blob("rsa")}\n${line("ed25519")}`, kind: "reached" },
  ])("$form: $kind", async ({ lines, kind }) => {
    expect(await wayWith(lines())).toMatchObject({ kind });
  });

  test("a revoked key is refused even where it is known", async () => {
    expect(await wayWith(`${line("ed25519")}\n@revoked * ${blob("ed25519")}`)).toEqual({
      kind: "unreachable",
      because: `web-1: its host key ${printOf(line("ed25519"))} (type ssh-ed25519) is revoked in known_hosts; nothing was run`,
      pin: null,
    });
  });

  test("a changed key of the known type is refused, though another type would be there", async () => {
    const changed = `[127.0.0.1]:${server.port} ${otherKey("rsa")}`;
    expect(await wayWith(changed)).toMatchObject({
      kind: "unreachable",
      because: expect.stringContaining(`its host key changed to ${printOf(line("rsa"))} (type ssh-rsa); nothing was run`),
      pin: line("rsa"),
    });
  });

  test("a pin of a key that it has not is refused, after all its keys were seen", async () => {
    const pinned = `[127.0.0.1]:${server.port} ${printOf(otherKey("ed25519"))}`;
    expect(await wayWith(pinned)).toMatchObject({ kind: "unreachable", because: expect.stringContaining("changed to SHA256:") });
  });

  test("a host whose known type of key is gone names the one that it has", async () => {
    const gone = `[::1]:${six.port} ${otherKey("rsa")}`;
    expect(await wayWith(gone, six)).toMatchObject({
      kind: "unreachable",
      because: expect.stringContaining(`changed to ${printOf(six.hostKeyLine)}`),
      pin: six.hostKeyLine,
    });
  });

  test("an unknown key is refused with its fingerprint and the line that makes it known", async () => {
    const unknown = await wayWith("# nobody\n");
    expect(unknown).toMatchObject({
      kind: "unreachable",
      because: expect.stringMatching(/its host key SHA256:\S+ \(type \S+\) is unknown; nothing was run/),
    });
    const pin = unknown.kind === "unreachable" ? unknown.pin : null;
    expect(server.hostKeyLines).toContain(pin);
    expect(await wayWith(pin ?? "")).toMatchObject({ kind: "reached" });
  });

  test("a host that only an authority signed is refused, and the sentence says what to write instead", async () => {
    const authority = yard.newKey("authority");
    const host = yard.newKey("certified");
    execFileSync("ssh-keygen", ["-q", "-s", authority.file, "-I", "web-1", "-h", "-n", "127.0.0.1", `${host.file}.pub`]);
    const config = [`HostKey ${host.file}`, `HostCertificate ${host.file}-cert.pub`];
    const certified = await yard.server({ admits: [key], hostKeyTypes: [], config });
    const plain = `[127.0.0.1]:${certified.port} ${host.line.split(" ").slice(0, 2).join(" ")}`;
    const signed = `@cert-authority * ${authority.line}`;
    expect(await wayWith(signed, certified)).toMatchObject({
      kind: "unreachable",
      because: expect.stringContaining("only a @cert-authority is known, and host certificates are not supported"),
      pin: plain,
    });
    expect(await wayWith(`${signed}\n${plain}`, certified)).toMatchObject({ kind: "reached" });
  });

  test("an IPv6 address has brackets with its port only", async () => {
    expect(await wayWith(six.hostKeyLine, six)).toMatchObject({ kind: "reached", hops: [{ address: "::1" }] });
    expect(await wayWith(six.hostKeyLine.replace(/^\S+/, "::1"), six)).toMatchObject({ kind: "unreachable" });
  });
});
