import { expect, test } from "vitest";
import { startReplica } from "../support/engine-replica.ts";
import { liveHosts, openWorld, request, rollBack, settled } from "../support/engine-world.ts";
import { whyNoSshd } from "../support/sshd.ts";
import { starts } from "./started.ts";

const skip = whyNoSshd();

test.skipIf(skip !== null)(
  `a deployment and its rollback, from the request to both hosts, over OpenSSH${skip === null ? "" : ` (skipped: ${skip})`}`,
  { timeout: 240_000 },
  async () => {
    await using world = await openWorld({ server: "openssh" });
    await using bot = await startReplica(world.settings("one"));
    const [first, second] = [world.revision(2), world.revision(3)];
    await settled(bot.engine, await request(bot.engine, first), "succeeded_unverified");
    const before = world.witnessed().length;
    const id = await request(bot.engine, second);
    await settled(bot.engine, id, "succeeded_unverified");
    expect(await liveHosts(bot.engine)).toEqual([`web-1 ${second}`, `web-2 ${second}`]);
    expect(starts(world).slice(before + 6)).toEqual(["migrate web-1", "restart web-1", "verify web-1", "restart web-2", "verify web-2"]);
    const { id: back } = await rollBack(bot.engine, id);
    await settled(bot.engine, back, "succeeded_unverified");
    expect([world.headOf("web-1"), world.headOf("web-2")]).toEqual([first, first]);
    expect(bot.faults).toEqual([]);
  },
);
