import { execFileSync, spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SshDeps, SshPrivateKey } from "../../../src/targets/ssh/protocol.ts";
import { createSshTarget } from "../../../src/targets/ssh/target.ts";
import type { Sshd } from "../../support/sshd.ts";
import { whyNoSshd } from "../../support/sshd.ts";
import { hearStep, newRun, shellStep } from "../../support/ssh-places.ts";
import { openYard } from "../../support/ssh-yard.ts";
import type { SshYard, YardKey } from "../../support/ssh-yard.ts";
import { until } from "../../support/until.ts";

const skip = whyNoSshd();

describe.skipIf(skip !== null)(`whom a server lets in${skip === null ? "" : ` (${skip})`}`, () => {
  const yard: SshYard = openYard();
  const passphrase = "correct horse battery";
  let keys: Record<"ed25519" | "rsa" | "ecdsa" | "locked", YardKey>;
  let server: Sshd;
  beforeAll(async () => {
    keys = {
      ed25519: yard.newKey("ed25519"),
      rsa: yard.newKey("rsa", { type: "rsa" }),
      ecdsa: yard.newKey("ecdsa", { type: "ecdsa" }),
      locked: yard.newKey("locked", { passphrase }),
    };
    server = await yard.server({ admits: Object.values(keys) });
  });
  afterAll(() => yard.close());

  function deps(over: Partial<SshDeps>): SshDeps {
    return { privateKeys: [], knownHosts: server.hostKeyLine, ...over };
  }
  function locked(...passphrases: string[]): SshPrivateKey {
    return { text: keys.locked.text, passphrases, from: "key 1 of SSH_PRIVATE_KEY_FILE" };
  }

  test.each(["ed25519", "rsa", "ecdsa"] as const)("a key of type %s as ssh-keygen writes it", async (type) => {
    const target = yard.target(deps({ privateKeys: [keys[type].text] }));
    expect(await target.way(yard.host(server))).toMatchObject({ kind: "reached", hops: [{ ourKey: { print: keys[type].print } }] });
  });

  test("a key with a passphrase is opened by it, also when another one is given first", async () => {
    const target = yard.target(deps({ privateKeys: [locked("not this one", passphrase)] }));
    expect(await target.way(yard.host(server))).toMatchObject({
      hops: [{ ourKey: { name: "key 1 of SSH_PRIVATE_KEY_FILE", print: keys.locked.print } }],
    });
  });

  test.each([
    {
      what: "a wrong passphrase",
      give: () => locked("wrong passphrase"),
      says: /^key 1 of SSH_PRIVATE_KEY_FILE is not opened by the passphrase/,
    },
    { what: "no passphrase", give: () => locked(), says: /^key 1 of SSH_PRIVATE_KEY_FILE has a passphrase and none is given/ },
    { what: "a public key", give: () => keys.ed25519.line, says: /^SSH private key 1 cannot be read/ },
    { what: "a key that is cut", give: () => keys.ed25519.text.slice(0, 200), says: /^SSH private key 1 cannot be read/ },
  ])("$what is refused at the start, in a sentence without the key", ({ give, says }) => {
    let said = "";
    try {
      createSshTarget(deps({ privateKeys: [give()] }));
    } catch (fault) {
      said = fault instanceof Error ? `${fault.message}` : "";
    }
    expect(said).toMatch(says);
    expect(said).not.toMatch(/wrong passphrase"?$|BEGIN|AAAA/);
  });

  test("keys beyond what a server looks at in one connection are offered in the next, and the right one first afterwards", async () => {
    const strangers = Array.from({ length: 11 }, (_, index) => yard.newKey(`stranger-${index}`).text);
    const log: Record<string, unknown>[] = [];
    const target = yard.target(deps({ privateKeys: [...strangers, keys.ed25519.text], log: (line) => log.push(line) }));
    expect(await target.way(yard.host(server))).toMatchObject({ kind: "reached", hops: [{ ourKey: { print: keys.ed25519.print } }] });
    const refused = yard.target(deps({ privateKeys: strangers }));
    expect(await refused.way(yard.host(server))).toMatchObject({
      kind: "unreachable",
      because: expect.stringMatching(/^web-1: it refused our 11 keys for \S+; add the public key to its authorized_keys$/),
    });
    server.dropConnections();
    await until(() => log.some(({ event }) => event === "ssh_connection_closed"));
    expect(await target.way(yard.host(server))).toMatchObject({ kind: "reached" });
    expect(JSON.stringify(log)).not.toContain("PRIVATE");
  });

  test("a server that looks at two keys a connection is shown them all", async () => {
    const strict = await yard.server({ admits: [keys.rsa], config: ["MaxAuthTries 2"] });
    const strangers = Array.from({ length: 4 }, (_, index) => yard.newKey(`passer-by-${index}`).text);
    const target = yard.target({ privateKeys: [...strangers, keys.rsa.text], knownHosts: strict.hostKeyLine });
    expect(await target.way(yard.host(strict))).toMatchObject({ kind: "reached", hops: [{ ourKey: { print: keys.rsa.print } }] });
  });

  test("each connection has keys of its own: another one's open nothing", async () => {
    const accounts = new Map([["acme-web", { privateKeys: [keys.rsa.text], agentSocket: null }]]);
    const stranger = yard.newKey("stranger").text;
    const target = yard.target(deps({ privateKeys: [stranger], accounts }));
    expect(await target.way(yard.host(server, { connection: "acme-web" }))).toMatchObject({
      kind: "reached",
      hops: [{ ourKey: { print: keys.rsa.print } }],
    });
    // The line that acme-web opened is warm, and still not for others.
    expect(await target.read(yard.host(server))).toMatchObject({
      kind: "unreachable",
      because: expect.stringContaining("refused our key"),
    });
    expect(await target.read(yard.host(server, { connection: "gone" }))).toEqual({
      kind: "unreachable",
      because: "web-1: the connection gone is not in the configuration any more",
    });
  });

  describe("with an agent", () => {
    const socket = join(yard.folder, "agent");
    let agent: ChildProcess;
    beforeAll(async () => {
      agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" });
      // 2: it cannot be asked yet; 1: it holds no key.
      await until(() => spawnSync("ssh-add", ["-l"], { env: { SSH_AUTH_SOCK: socket } }).status === 1);
    });
    afterAll(() => void agent.kill());
    const add = (...words: string[]) => execFileSync("ssh-add", ["-q", ...words], { env: { SSH_AUTH_SOCK: socket }, stdio: "pipe" });

    test("an empty one is named", async () => {
      const target = yard.target(deps({ agentSocket: socket }));
      expect(await target.read(yard.host(server))).toEqual({
        kind: "unreachable",
        because: "web-1: the SSH agent holds no key; add one with ssh-add",
      });
    });

    test.each(["ed25519", "rsa", "ecdsa"] as const)("its %s key signs", async (type) => {
      add("-D");
      add(keys[type].file);
      const target = yard.target(deps({ agentSocket: socket }));
      expect(await target.way(yard.host(server))).toMatchObject({
        hops: [{ ourKey: { name: "the SSH agent", print: keys[type].print } }],
      });
    });

    test("its right key is found among many, behind a file's that the server refuses", async () => {
      add("-D");
      for (let index = 0; index < 7; index += 1) add(yard.newKey(`crowd-${index}`).file);
      add(keys.ed25519.file);
      const target = yard.target(deps({ privateKeys: [yard.newKey("lone").text], agentSocket: socket }));
      expect(await target.way(yard.host(server))).toMatchObject({ hops: [{ ourKey: { print: keys.ed25519.print } }] });
    });

    test("it is not asked unless it was chosen, and not forwarded to the host", async () => {
      add("-D");
      add(keys.ed25519.file);
      expect(await yard.target(deps({})).read(yard.host(server))).toMatchObject({
        kind: "unreachable",
        because: expect.stringContaining("there is no key to offer"),
      });
      const target = yard.target(deps({ agentSocket: socket }));
      const run = newRun();
      expect(await target.acquire(yard.host(server), run)).toMatchObject({ kind: "acquired" });
      const { bytes } = await hearStep(target, yard.host(server), run, shellStep('echo "agent: $SSH_AUTH_SOCK"'));
      expect(bytes.toString()).toBe("agent: \n");
    });

    test("one that is not there leaves the files, or is named", async () => {
      const away = join(yard.folder, "nobody");
      expect(await yard.target(deps({ agentSocket: away, privateKeys: [keys.rsa.text] })).way(yard.host(server))).toMatchObject({
        kind: "reached",
      });
      expect(await yard.target(deps({ agentSocket: away })).read(yard.host(server))).toEqual({
        kind: "unreachable",
        because: "web-1: the SSH agent cannot be asked; is it running?",
      });
    });
  });
});
