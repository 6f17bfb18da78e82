import { expect, test } from "vitest";
import { seed } from "../slack-simulator/seed.ts";
import { startSlack, type TestSlack } from "../slack-simulator/world.ts";
import { openOffice } from "./office.ts";

const PRIVATE = { id: "C07VAULT", name: "vault", members: ["U02BOB", "U04GUEST", "UBOT01"], is_private: true };
const withVault = { ...seed, channels: [...seed.channels, PRIVATE] };

function asked(slack: TestSlack): number {
  return slack.state().dev.calls["conversations.members"]?.total ?? 0;
}

test("a private channel is read by its members, a public one by all of the team but guests, and one that Slack does not show by nobody", async () => {
  await using slack = await startSlack({ seed: withVault });
  await using office = await openOffice(slack, "http");
  const { directory } = office.slack;
  const readers = async (channel: string): Promise<readonly string[]> => {
    const people = ["U01ANN", "U02BOB", "U03EVE", "U04GUEST", "U05STRANGER", "U06GONE"];
    const may = await Promise.all(people.map((id) => directory.readsChannel(id, channel)));
    return people.filter((_, index) => may[index]);
  };
  expect(await readers("#vault")).toEqual(["U02BOB", "U04GUEST"]);
  expect(await readers("C07VAULT")).toEqual(["U02BOB", "U04GUEST"]);
  expect(await readers("C01DEPLOYS")).toEqual(["U01ANN", "U02BOB", "U03EVE"]);
  expect(await readers("#shop-deploys")).toEqual(["U01ANN", "U02BOB", "U03EVE"]);
  expect(await readers("#shared")).toEqual(["U01ANN", "U02BOB", "U03EVE", "U05STRANGER"]);
  // Private, and the bot is not in it; and one that is not there.
  expect([await readers("#secret"), await readers("C03SECRET"), await readers("#nowhere")]).toEqual([[], [], []]);
});

test("without the right to see private channels nobody is taken for a member of one", async () => {
  const scopes = seed.bot.scopes.filter((scope) => scope !== "groups:read");
  await using slack = await startSlack({ seed: { ...withVault, bot: { ...seed.bot, scopes } } });
  await using office = await openOffice(slack, "http");
  expect(await office.slack.directory.readsChannel("U02BOB", "#vault")).toBe(false);
  expect(await office.slack.directory.readsChannel("U02BOB", "C07VAULT")).toBe(false);
});

test("members are asked for once a minute, and a Slack that does not answer is not taken for a no", async () => {
  await using slack = await startSlack({ seed: withVault });
  await using office = await openOffice(slack, "http");
  const { directory } = office.slack;
  slack.fault({ method: "conversations.members", status: 503, times: 1 });
  await expect(directory.readsChannel("U02BOB", "#vault")).rejects.toThrow("503");
  const before = asked(slack);
  for (const user of ["U01ANN", "U02BOB", "U03EVE"]) await directory.readsChannel(user, "#vault");
  expect(asked(slack) - before).toBe(1);
});
