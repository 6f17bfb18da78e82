import { readdirSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import type { Socket } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { newKeyPair } from "../../../sandbox/host/keys.ts";
import { freePort } from "../../support/sshd.ts";
import { hearStep, newRun, shellStep, sshPlaces } from "../../support/ssh-places.ts";
import type { SshPlace } from "../../support/ssh-places.ts";

describe.each(sshPlaces)("whom a bot trusts on $place", ({ skip, open }) => {
  let place: SshPlace;
  beforeAll(async () => {
    if (skip === null) place = await open();
  });
  beforeEach((context) => {
    if (skip !== null) context.skip(skip);
  });
  afterAll(() => place?.close());

  /** The host's line with another key, as after a reinstallation or an attack. */
  const changed = () => place.hostKeyLine.replace(/ \S+$/, ` ${newKeyPair().publicKey.split(" ")[1]}`);

  test.each([
    { what: "unknown", lines: () => "", says: "unknown" },
    { what: "known on another port only", lines: () => place.hostKeyLine.replace(/\[127.*:\d+/, "127.0.0.1"), says: "unknown" },
    { what: "changed", lines: changed, says: "changed" },
    {
      what: "revoked",
      lines: () => `${place.hostKeyLine}\n@revoked * ${place.hostKeyLine.split(" ").slice(1).join(" ")}`,
      says: "revoked",
    },
    { what: "signed by an authority only", lines: () => `@cert-authority ${place.hostKeyLine}`, says: "not supported" },
    { what: "of an unknown type", lines: () => place.hostKeyLine.replace(/ \S+ /, " ecdsa-sha2-nistp521 "), says: "changed" },
  ])("a host key that is $what is refused and nothing is run", async ({ lines, says }) => {
    const target = place.target({ knownHosts: lines() });
    const before = readdirSync(place.directory);
    const refused = { kind: "unreachable", because: expect.stringContaining(says) };
    expect(await target.acquire(place.host, newRun())).toMatchObject(refused);
    expect((await hearStep(target, place.host, newRun(), shellStep("touch ran"))).outcome).toMatchObject(refused);
    expect(await target.read(place.host)).toMatchObject(refused);
    expect(readdirSync(place.directory)).toEqual(before);
  });

  test("a host without our key is unreachable and says what to do", async () => {
    const target = place.target({ privateKeys: [newKeyPair().privateKey] });
    expect(await target.read(place.host)).toEqual({ kind: "unreachable", because: expect.stringContaining("authorized_keys") });
  });

  test("the second of two keys is tried", async () => {
    const target = place.target({ privateKeys: [newKeyPair().privateKey, Buffer.from(place.privateKey)] });
    expect(await target.read(place.host)).toMatchObject({ kind: "read" });
  });

  test("a host that is down is unreachable, and reachable again when it is back", async () => {
    const target = place.target();
    expect(await target.read(place.host)).toMatchObject({ kind: "read" });
    await place.setDown(true);
    expect(await target.read(place.host)).toMatchObject({ kind: "unreachable" });
    await place.setDown(false);
    expect(await target.read(place.host)).toMatchObject({ kind: "read" });
  });

  test("a warm connection that died unnoticed is replaced", async () => {
    const target = place.target();
    expect(await target.read(place.host)).toMatchObject({ kind: "read" });
    place.dropConnections();
    expect(await target.read(place.host)).toMatchObject({ kind: "read" });
  });

  test("a link that goes silent is noticed by keepalive", async () => {
    const link = await startLink(place.host.port);
    const target = place.target({ knownHosts: place.hostKeyLine.replace(/:\d+/, `:${link.port}`), keepaliveMs: 200 });
    const host = { ...place.host, port: link.port };
    const run = newRun();
    expect(await target.acquire(host, run)).toMatchObject({ kind: "acquired" });
    const step = shellStep(`echo begun; while [ ! -e ${place.home}/go ]; do sleep 0.05; done; echo end`);
    const lost = await hearStep(target, host, run, step, { onOutput: () => link.goSilent() });
    expect(lost.outcome).toMatchObject({ kind: "unreachable" });
    writeFileSync(join(place.home, "go"), "");
    const attached = await hearStep(place.target(), place.host, run, step, { offset: lost.bytes.length });
    expect(attached.outcome).toEqual({ kind: "exited", code: 0, bytes: 10 });
    expect(Buffer.concat([lost.bytes, attached.bytes]).toString()).toBe("begun\nend\n");
    await place.target().release(place.host, run, { succeeded: true, revision: null });
    await link.close();
  });

  test("a server that never speaks is unreachable in time", async () => {
    const mute = createServer(() => undefined);
    const port = await freePort();
    await new Promise<void>((listening) => mute.listen(port, "127.0.0.1", listening));
    const target = place.target({ knownHosts: place.hostKeyLine.replace(/:\d+/, `:${port}`), connectTimeoutMs: 300 });
    expect(await target.read({ ...place.host, port })).toMatchObject({ kind: "unreachable", because: expect.stringContaining("in time") });
    mute.close();
  });
});

/** A TCP proxy that can go deaf while both sockets stay open, as a forgotten NAT entry does. */
async function startLink(to: number): Promise<{ port: number; goSilent(): void; close(): Promise<void> }> {
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
    port,
    goSilent() {
      for (const socket of sockets) socket.unpipe().pause();
    },
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((closed) => server.close(() => closed()));
    },
  };
}
