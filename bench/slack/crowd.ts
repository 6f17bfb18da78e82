import { seed } from "../../test/slack-simulator/seed.ts";

/** Each person has a rate: as many as it takes to press 50 times a second without anybody being held back. */
const PEOPLE = 60;

/** None of them may approve: each press is stored, acknowledged, judged under the environment's lock, and answered to its presser. */
export const CROWD: readonly string[] = Array.from({ length: PEOPLE }, (_, index) => `U1CROWD${String(index).padStart(3, "0")}`);

/** The small team with all of them in the channel of its deployments. */
export const CROWDED: typeof seed = {
  ...seed,
  users: [...seed.users, ...CROWD.map((id) => ({ id, name: id.toLowerCase(), real_name: id, email: `${id.toLowerCase()}@acme.test` }))],
  channels: seed.channels.map((channel) =>
    channel.name === "shop-deploys" ? { ...channel, members: [...channel.members, ...CROWD] } : channel,
  ),
};
