import { expect, test } from "vitest";
import { pixelsOf } from "../../sandbox/png.ts";
import type { WatchFigure } from "../../src/domain/watch-figure.ts";
import { drawFigure } from "../../src/picture/draw.ts";

const LIVE = new Date("2026-11-24T13:02:00Z");
const at = (minutes: number): Date => new Date(LIVE.getTime() + minutes * 60_000);
const stretch = (from: number, perMinute: number) => ({ from: at(from), to: at(from + 1), perMinute });

const FIGURE: WatchFigure = {
  app: "shop",
  environment: "production",
  number: 12,
  liveAt: LIVE,
  backAt: null,
  errors: {
    stretches: [-4, -3, -2, -1].map((from) => stretch(from, 0)).concat([0, 1, 2, 3].map((from) => stretch(from, 90))),
    before: 0.3,
    after: 90,
    peak: 90,
  },
  latency: {
    points: [-1, 1, 2, 3].map((minute) => ({ at: at(minute), ms: minute < 0 ? 118 : 480 })),
    before: 118,
    after: 480,
    unanswered: 1,
    looks: 4,
  },
};

type Picture = ReturnType<typeof pixelsOf>;
type Area = { readonly left: number; readonly right: number; readonly top: number; readonly bottom: number };

async function drawn(figure: WatchFigure, timezone = "Europe/Brussels"): Promise<Picture> {
  return pixelsOf(Buffer.from(await drawFigure(figure, timezone)));
}

/** Pixels of an area, in shares of the picture, that fulfil something. */
function count(picture: Picture, area: Area, wanted: (red: number, green: number, blue: number) => boolean): number {
  let found = 0;
  for (const [index, colour] of picture.colours.entries()) {
    const [x, y] = [index % picture.width, Math.floor(index / picture.width)];
    if (x < area.left || x >= area.right || y < area.top || y >= area.bottom) continue;
    if (wanted(colour >> 16, (colour >> 8) & 255, colour & 255)) found += 1;
  }
  return found;
}

const row = (picture: Picture, y: number): string => picture.colours.subarray(y * picture.width, (y + 1) * picture.width).join();
const dark = (red: number, green: number, blue: number): boolean => red + green + blue < 240;
const reddish = (red: number, green: number, blue: number): boolean => red > 140 && green < 90 && blue < 90;

test("a picture is light and wide enough for a phone, its letters are there, and the errors stand behind the deployment", async () => {
  const picture = await drawn(FIGURE);
  expect([picture.width, picture.height]).toEqual([780, 724]);
  const whole = { left: 0, right: 780, top: 0, bottom: 724 };
  expect(count(picture, whole, (red, green, blue) => red + green + blue === 765)).toBeGreaterThan(0.7 * 780 * 724);
  // Headings: without a font there would be none, and no fault either.
  expect(count(picture, { left: 20, right: 600, top: 70, bottom: 120 }, dark)).toBeGreaterThan(2_000);
  expect(count(picture, { left: 20, right: 600, top: 400, bottom: 450 }, dark)).toBeGreaterThan(2_000);
  const curve = { top: 176, bottom: 345 };
  expect(count(picture, { ...curve, left: 140, right: 430 }, reddish)).toBe(0);
  expect(count(picture, { ...curve, left: 450, right: 760 }, reddish)).toBeGreaterThan(800);
}, 120_000);

test("times are told in the team's zone, and errors alone need half the room", async () => {
  const [here, there] = await Promise.all([drawn({ ...FIGURE, latency: null }), drawn({ ...FIGURE, latency: null }, "Asia/Tokyo")]);
  expect(here.height).toBe(394);
  const differing = Array.from({ length: here.height }, (_, y) => y).filter((y) => row(here, y) !== row(there, y));
  expect(differing.length).toBeGreaterThan(10);
  // Only the hour of the mark's label, which stands above its curve.
  expect(Math.min(...differing)).toBeGreaterThan(130);
  expect(Math.max(...differing)).toBeLessThan(176);
}, 120_000);

test("a figure that cannot be drawn is a fault, and the next one is drawn", async () => {
  const broken = drawFigure({ ...FIGURE, liveAt: new Date(Number.NaN) }, "UTC");
  const next = drawFigure({ ...FIGURE, latency: null }, "UTC");
  await expect(broken).rejects.toThrow(RangeError);
  expect((await next).length).toBeGreaterThan(1_000);
}, 120_000);
