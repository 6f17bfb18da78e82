import { writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import type { Socket } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SshDeps } from "../../../src/targets/ssh/protocol.ts";
import { freePort, whyNoSshd } from "../../support/sshd.ts";
import type { Sshd } from "../../support/sshd.ts";
import { hearStep, newRun, shellStep } from "../../support/ssh-places.ts";
import { openYard } from "../../support/ssh-yard.ts";
import type { SshYard, YardKey } from "../../support/ssh-yard.ts";
import { until } from "../../support/until.ts";

const skip = whyNoSshd();
const unless = skip === null ? "" : ` (${skip})`;
const yard: SshYard = openYard();
let key: YardKey;
beforeAll(() => void (key = yard.newKey("key")));
afterAll(() => yard.close());

function deps(servers: readonly Sshd[], over: Partial<SshDeps> = {}): SshDeps {
  return { privateKeys: [key.text], knownHosts: servers.map(({ hostKeyLine }) => hostKeyLine).join("\n"), ...over };
}
const hop = ({ address, port, user }: Sshd) => ({ address, port, user });

describe.skipIf(skip !== null)(`jump hosts${unless}`, () => {
  let inner: Sshd;
  let first: Sshd;
  let second: Sshd;
  beforeAll(async () => {
    const stranger = yard.newKey("only-inside");
    inner = await yard.server({ admits: [key, stranger] });
    [first, second] = await Promise.all([yard.server({ admits: [key] }), yard.server({ admits: [key] })]);
  });

  test("two hops: each server's key is checked and named", async () => {
    const target = yard.target(deps([first, second, inner]));
    const host = yard.host(inner, { jump: [hop(first), hop(second)] });
    expect(await target.way(host)).toMatchObject({
      kind: "reached",
      hops: [{ port: first.port }, { port: second.port }, { port: inner.port }],
    });
    const run = newRun();
    expect(await target.acquire(host, run)).toMatchObject({ kind: "acquired" });
    const client = await hearStep(target, host, run, shellStep('echo "$SSH_CONNECTION"'));
    expect(client.outcome).toMatchObject({ kind: "exited", code: 0 });
    expect(await target.release(host, run, { succeeded: true, revision: null })).toMatchObject({ kind: "released" });
  });

  test.each([
    { which: "the first hop", known: () => [second, inner], says: () => `web-1: jump host 127.0.0.1 port ${first.port}: its host key` },
    { which: "the second hop", known: () => [first, inner], says: () => `web-1: jump host 127.0.0.1 port ${second.port}: its host key` },
    { which: "the host itself", known: () => [first, second], says: () => "web-1: its host key" },
  ])("an unknown key of $which is refused by name", async ({ known, says }) => {
    const target = yard.target(deps(known()));
    expect(await target.read(yard.host(inner, { jump: [hop(first), hop(second)] }))).toMatchObject({
      kind: "unreachable",
      because: expect.stringContaining(says()),
    });
  });

  test("hosts behind one jump host share its line, and a warm one that died is replaced", async () => {
    const log: Record<string, unknown>[] = [];
    const third = await yard.server({ admits: [key] });
    const target = yard.target(deps([first, inner, third], { log: (line) => log.push(line) }));
    const hosts = [yard.host(inner, { jump: [hop(first)] }), yard.host(third, { jump: [hop(first)] })];
    const ways = await Promise.all(hosts.map((host) => target.way(host)));
    expect(ways.map(({ kind }) => kind)).toEqual(["reached", "reached"]);
    expect(log.filter(({ event, host }) => event === "ssh_connected" && String(host).includes("jump"))).toHaveLength(1);
    first.dropConnections();
    await until(() => log.filter(({ event }) => event === "ssh_connection_closed").length >= 3);
    expect(await Promise.all(hosts.map(async (host) => (await target.way(host)).kind))).toEqual(["reached", "reached"]);
  });

  test("a jump host that forwards nothing, one that cannot reach the host, and one that is down are told apart", async () => {
    const closed = await yard.server({ admits: [key], config: ["AllowTcpForwarding no"] });
    const target = yard.target(deps([first, closed, inner]));
    expect(await target.read(yard.host(inner, { jump: [hop(closed)] }))).toMatchObject({
      kind: "unreachable",
      because: expect.stringMatching(/^web-1: the jump host before it does not let us through/),
    });
    const away = { address: "127.0.0.1", port: await freePort() };
    expect(await target.read(yard.host(away, { jump: [hop(first)] }))).toMatchObject({
      kind: "unreachable",
      because: "web-1: the jump host before it cannot reach its SSH port",
    });
    await closed.setDown(true);
    expect(await yard.target(deps([closed, inner])).read(yard.host(inner, { jump: [hop(closed)] }))).toMatchObject({
      kind: "unreachable",
      because: `web-1: jump host 127.0.0.1 port ${closed.port}: nothing listens on its SSH port`,
    });
  });
});

describe.skipIf(skip !== null)(`servers with little room${unless}`, () => {
  test("where one session a connection is allowed, four steps and a cancel still run side by side", async () => {
    const server = await yard.server({ admits: [key], config: ["MaxSessions 1"] });
    const target = yard.target(deps([server]));
    const runs = await Promise.all(
      ["a", "b", "c", "d"].map(async (name) => {
        const host = yard.host(server, { directory: yard.newDirectory(`sessions-${name}`) });
        const run = newRun();
        expect(await target.acquire(host, run)).toMatchObject({ kind: "acquired" });
        return { host, run, following: { begun: false, step: null as Promise<unknown> | null } };
      }),
    );
    const script = `echo begun; while [ ! -e ${yard.folder}/go-on ]; do sleep 0.05; done`;
    for (const one of runs) {
      const onOutput = () => void (one.following.begun = true);
      one.following.step = hearStep(target, one.host, one.run, shellStep(script), { onOutput }).then(({ outcome }) => outcome);
    }
    await until(() => runs.every(({ following }) => following.begun));
    const [cancelled, ...rest] = runs;
    if (cancelled === undefined) throw new Error("no run");
    expect(await target.cancel(cancelled.host, cancelled.run, { graceSeconds: 5 })).toEqual({ kind: "ended" });
    writeFileSync(join(yard.folder, "go-on"), "");
    for (const one of rest) expect(await one.following.step).toEqual({ kind: "exited", code: 0, bytes: 6 });
    expect(await cancelled.following.step).toMatchObject({ kind: expect.stringMatching(/exited|lost/) });
  });

  test("one that opens no session at all says what to look at", async () => {
    const server = await yard.server({ admits: [key], config: ["MaxSessions 0"] });
    expect(await yard.target(deps([server])).read(yard.host(server))).toMatchObject({
      kind: "unreachable",
      because: expect.stringContaining("MaxSessions"),
    });
  });

  test("where two may log in at a time, twelve that come at once all get in", async () => {
    const server = await yard.server({ admits: [key], config: ["MaxStartups 2:100:2"] });
    const log: Record<string, unknown>[] = [];
    const targets = Array.from({ length: 12 }, () =>
      yard.target(deps([server], { connectTimeoutMs: 60_000, log: (line) => log.push(line) })),
    );
    const ways = await Promise.all(targets.map((target) => target.way(yard.host(server))));
    expect(ways.map(({ kind }) => kind)).toEqual(targets.map(() => "reached"));
    expect(log.some(({ event }) => event === "ssh_closed_early")).toBe(true);
  });

  test("one that closes every connection is given up in time, with what to look at", async () => {
    const rude = createServer((socket) => socket.end("Exceeded MaxStartups\r\n"));
    const port = await freePort();
    await new Promise<void>((listening) => rude.listen(port, "127.0.0.1", listening));
    const target = yard.target(deps([], { connectTimeoutMs: 500 }));
    expect(await target.read(yard.host({ address: "127.0.0.1", port }))).toEqual({
      kind: "unreachable",
      because: expect.stringMatching(/^web-1: it closes connections before it greets; is its sshd full \(MaxStartups\)/),
    });
    rude.close();
  });
});

describe.skipIf(skip !== null)(`a link that goes deaf${unless}`, () => {
  test.each(["the host", "the jump host"])("is noticed within four keepalives when it leads to %s", async (where) => {
    const keepaliveMs = 100;
    const server = await yard.server({ admits: [key] });
    const inner = await yard.server({ admits: [key] });
    const link = await startLink(server.port);
    const knownHosts = `${server.hostKeyLine.replace(/:\d+/, `:${link.port}`)}\n${inner.hostKeyLine}`;
    const closed: string[] = [];
    const log = (line: Record<string, unknown>): void =>
      void (line["event"] === "ssh_connection_closed" && closed.push(String(line["host"])));
    const target = yard.target(deps([], { knownHosts, keepaliveMs, log }));
    const jump = [{ ...hop(server), port: link.port }];
    const host = where === "the host" ? yard.host(link, {}) : yard.host(inner, { jump });
    expect(await target.way(host)).toMatchObject({ kind: "reached" });
    const deaf = performance.now();
    link.goDeaf();
    await until(() => closed.includes("web-1"));
    // The limit is ten times what is expected, since this machine may be busy.
    expect(performance.now() - deaf).toBeLessThan(10 * 4 * keepaliveMs + 1000);
    await link.close();
  });
});

/** A TCP proxy that can stop passing bytes while both sockets stay open. */
async function startLink(to: number): Promise<{ address: string; port: number; goDeaf(): void; close(): Promise<void> }> {
  const sockets: Socket[] = [];
  const server = createServer((near) => {
    const far = connect(to, "127.0.0.1");
    sockets.push(near, far);
    for (const socket of [near, far]) socket.on("error", () => undefined);
    near.pipe(far).pipe(near);
  });
  const port = await freePort();
  await new Promise<void>((listening) => server.listen(port, "127.0.0.1", listening));
  return {
    address: "127.0.0.1",
    port,
    goDeaf() {
      for (const socket of sockets) socket.unpipe().pause();
    },
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((done) => server.close(() => done()));
    },
  };
}
