import { expect, test } from "vitest";
import { untilTime } from "../../src/domain/until.ts";

/** A Tuesday: 10:15 in Brussels, 04:15 in New York. */
const NOW = new Date("2026-11-24T09:15:00Z");

test.each<[string, string]>([
  ["18:00", "2026-11-24T18:00:00+01:00"],
  ["18h30", "2026-11-24T18:30:00+01:00"],
  ["6pm", "2026-11-24T18:00:00+01:00"],
  ["12am", "2026-11-25T00:00:00+01:00"],
  ["9:00", "2026-11-25T09:00:00+01:00"],
  ["24:00", "2026-11-25T00:00:00+01:00"],
  ["today", "2026-11-25T00:00:00+01:00"],
  ["tomorrow", "2026-11-26T00:00:00+01:00"],
  ["tomorrow 9:00", "2026-11-25T09:00:00+01:00"],
  ["fri", "2026-11-28T00:00:00+01:00"],
  ["Friday", "2026-11-28T00:00:00+01:00"],
  ["fri 9:00", "2026-11-27T09:00:00+01:00"],
  ["tue", "2026-11-25T00:00:00+01:00"],
  ["tue 9:00", "2026-12-01T09:00:00+01:00"],
  ["tue 11:00", "2026-11-24T11:00:00+01:00"],
  ["2026-12-01", "2026-12-02T00:00:00+01:00"],
  ["2026-12-01 14:00", "2026-12-01T14:00:00+01:00"],
  ["2026-12-01T14:00", "2026-12-01T14:00:00+01:00"],
])("until %s is meant by the reader's clock, and lies ahead", (words, expected) => {
  expect(untilTime(words, NOW, "Europe/Brussels")?.toISOString()).toBe(new Date(expected).toISOString());
});

test("another reader means another moment by the same words", () => {
  expect(untilTime("fri", NOW, "America/New_York")?.toISOString()).toBe(new Date("2026-11-28T00:00:00-05:00").toISOString());
  expect(untilTime("9:00", NOW, "America/New_York")?.toISOString()).toBe(new Date("2026-11-24T09:00:00-05:00").toISOString());
});

test("an hour more or less in the night between does not move the clock", () => {
  const friday = new Date("2026-10-23T16:00:00Z");
  expect(untilTime("mon 9:00", friday, "Europe/Brussels")?.toISOString()).toBe(new Date("2026-10-26T09:00:00+01:00").toISOString());
  expect(untilTime("sun", friday, "Europe/Brussels")?.toISOString()).toBe(new Date("2026-10-26T00:00:00+01:00").toISOString());
});

test("a zone that nobody knows is UTC", () => {
  expect(untilTime("18:00", NOW, "Mars/Olympus")?.toISOString()).toBe("2026-11-24T18:00:00.000Z");
});

test.each([
  "",
  "9",
  "fr",
  "bob",
  "fryday",
  "25:00",
  "9:60",
  "13pm",
  "0am",
  "2026-11-23",
  "2026-13-01",
  "yesterday",
  "fri 9:00 sharp",
  "1e3",
])("“%s” is no moment ahead", (words) => {
  expect(untilTime(words, NOW, "Europe/Brussels")).toBeNull();
});
