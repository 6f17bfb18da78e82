import { expect, test } from "vitest";
import type { Picture, PainterDeps } from "../../src/slack/deps.ts";
import type { Message } from "../../sandbox/slack/state.ts";
import { startSlack, type TestSlack } from "../slack-simulator/world.ts";
import { everyCard } from "./cards.ts";
import { hang, type Wall } from "./wall.ts";

const PICTURE: Picture = {
  png: Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 3]),
  filename: "shop-production-12.png",
  title: "Errors a minute: before 0.3, after 76",
  alt: "shop in production, #12, deployed 14:02. Errors a minute: before 0.3, after 76, at most 104.",
};

type Room = { readonly wall: Wall; look(times?: number): Promise<void>; pictures(): readonly unknown[]; texts(): readonly string[] };

/** A card in Slack; below it a picture is due, and a message after it. */
async function room(
  slack: TestSlack,
  { picture = async () => PICTURE, history = true }: { readonly picture?: PainterDeps["picture"]; readonly history?: boolean } = {},
): Promise<Room> {
  let at = new Date("2026-11-24T09:00:00Z").getTime();
  const wall = hang(slack, { picture, history, now: () => new Date(at) });
  const model = everyCard()["regression"];
  if (model === undefined) throw new Error("no such card");
  const look = async (times = 8): Promise<void> => {
    for (let index = 0; index < times; index += 1) {
      at += 2_000;
      await wall.look();
    }
  };
  wall.put("a", model);
  await look(2);
  wall.reply("picture", "a", { key: "picture:seen:a", picture: "seen" });
  wall.reply("after", "a", { key: "after", text: "The figures in words" });
  const thread = (): readonly Message[] => slack.messages("C01DEPLOYS").filter(({ thread_ts }) => thread_ts === wall.stored("a").ts);
  return {
    wall,
    look,
    pictures: () => thread().flatMap(({ files }) => files),
    texts: () => thread().flatMap(({ text }) => (text === null || text === "" ? [] : [text])),
  };
}

test("a picture stands in the card's thread once, with words for those who cannot see it", async () => {
  await using slack = await startSlack();
  const { wall, look, pictures, texts } = await room(slack);
  await look();
  expect(pictures()).toMatchObject([{ name: PICTURE.filename, title: PICTURE.title, alt_txt: PICTURE.alt, size: PICTURE.png.length }]);
  expect(slack.file(wall.replyTs("picture") ?? "")?.bytes).toEqual(Buffer.from(PICTURE.png));
  expect(texts()).toEqual(["The figures in words."]);
  expect([wall.reports, wall.said.failedReplies]).toEqual([[], []]);
});

const broken: PainterDeps["picture"] = async () => {
  throw new Error("no memory");
};
const nothing: PainterDeps["picture"] = async () => null;

test.each([
  ["it cannot be drawn", broken, ["no memory"], "there is no picture to show"],
  ["nothing is left to show", nothing, [], "there is no picture to show"],
] as const)("what else is said stands there though %s", async (_why, picture, reports, because) => {
  await using slack = await startSlack();
  const { wall, look, pictures, texts } = await room(slack, { picture });
  await look();
  expect([pictures(), texts()]).toEqual([[], ["The figures in words."]]);
  expect(wall.reports).toEqual(reports);
  expect(wall.said.failedReplies).toEqual([because]);
});

test.each([
  ["files.getUploadURLExternal", "missing_scope"],
  ["files.completeUploadExternal", "posting_to_channel_denied"],
])("%s: %s stops the picture and nothing else", async (method, error) => {
  await using slack = await startSlack();
  slack.fault({ method, error, times: 50 });
  const { wall, look, pictures, texts } = await room(slack);
  await look();
  expect([pictures(), texts()]).toEqual([[], ["The figures in words."]]);
  expect(wall.said.failedReplies).toHaveLength(1);
  expect(wall.said.broken).toEqual([]);
});

test("what waits privately for whoever does not wait for a picture", async () => {
  await using slack = await startSlack();
  slack.fault({ method: "files.completeUploadExternal", retryAfter: 600 });
  const { wall, look, pictures } = await room(slack);
  await look();
  wall.notice("n", "U01ANN", "It is live");
  await look();
  expect(wall.noticeState("n").ts).not.toBeNull();
  expect(pictures()).toEqual([]);
});

test.each([["files.getUploadURLExternal"], ["files.completeUploadExternal"]])("%s refused for a moment is tried again", async (method) => {
  await using slack = await startSlack();
  slack.fault({ method, retryAfter: 3 });
  const { look, pictures } = await room(slack);
  await look();
  expect(pictures()).toHaveLength(1);
});

const UNKNOWN = "nobody knows whether the picture was posted before";
const CUT_OFF = { method: "files.completeUploadExternal", drop: true } as const;

test.each([true, false])(
  "a post whose answer never came stands there once where the thread may be read; it was done: %s",
  async (afterwards) => {
    await using slack = await startSlack();
    slack.fault({ ...CUT_OFF, afterwards });
    const { wall, look, pictures, texts } = await room(slack);
    await look(30);
    expect([pictures().length, texts()]).toEqual([1, ["The figures in words."]]);
    expect(slack.file(wall.replyTs("picture") ?? "")?.bytes).toEqual(Buffer.from(PICTURE.png));
    expect(wall.said.failedReplies).toEqual([]);
  },
);

test.each([true, false])("a post whose answer never came is not made again where nobody may look; it was done: %s", async (afterwards) => {
  await using slack = await startSlack();
  slack.fault({ ...CUT_OFF, afterwards });
  const { wall, look, pictures, texts } = await room(slack, { history: false });
  await look(30);
  expect([pictures().length, texts()]).toEqual([afterwards ? 1 : 0, ["The figures in words."]]);
  expect(wall.said.failedReplies).toEqual([UNKNOWN]);
});

test.each([
  { cutOff: 2, shown: 1, because: [] },
  { cutOff: 3, shown: 0, because: [UNKNOWN] },
])("a picture whose first $cutOff posts are cut off is shown $shown times", async ({ cutOff, shown, because }) => {
  await using slack = await startSlack();
  slack.fault({ ...CUT_OFF, afterwards: false, times: cutOff });
  const { wall, look, pictures } = await room(slack);
  await look(120);
  expect(pictures()).toHaveLength(shown);
  expect(wall.said.failedReplies).toEqual(because);
});
