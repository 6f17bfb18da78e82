import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ask } from "../../../src/targets/ssh/ask.ts";
import { createPool, type Pool } from "../../../src/targets/ssh/pool.ts";
import { sshPlaces } from "../../support/ssh-places.ts";
import type { SshPlace } from "../../support/ssh-places.ts";

const NEVER = "exec sleep 100";
const AT_ONCE = `printf '\\ngreenlight %s released\\n' "$1" >&2`;

describe.each(sshPlaces.filter(({ place }) => place === "OpenSSH sshd"))("commands that hang on $place", ({ skip, open }) => {
  let place: SshPlace;
  let pool: Pool;
  beforeAll(async () => {
    if (skip === null) place = await open();
  });
  beforeEach((context) => {
    if (skip !== null) context.skip(skip);
    pool = createPool({ privateKeys: [place.privateKey], knownHosts: place.hostKeyLine });
  });
  afterAll(async () => {
    pool?.close();
    await place?.close();
  });

  test("do not keep later ones from being asked and answered", async () => {
    const late = { kind: "unreachable", because: "web-1: it did not answer in time" };
    const hung = [1, 2, 3].map(() => ask(pool, place.host, NEVER, { run: null, own: [], timeoutMs: 300 }));
    // Whoever waited behind them may be told that the connection went, but is told.
    expect((await Promise.all(hung)).map((answer) => answer.kind)).toEqual(["unreachable", "unreachable", "unreachable"]);
    expect(await hung[0]).toEqual(late);
    expect(await ask(pool, place.host, AT_ONCE, { run: null, own: [], timeoutMs: 10_000 })).toMatchObject({ kind: "released" });
  });
});
