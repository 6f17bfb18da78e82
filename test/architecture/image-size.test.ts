import { lstat, readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";

/** What the image holds is `npm ci --omit=dev --omit=optional`: small enough to be pulled by a server on a slow line. */
const MOST_MB = 450;
/** As `du` counts: a small file takes a whole block of the disk too. */
const BLOCK = 4096;

const Flags = z.object({ dev: z.boolean().optional(), optional: z.boolean().optional(), devOptional: z.boolean().optional() });
const Lock = z.object({ packages: z.record(z.string(), Flags) });

/** Bytes on the disk of one package, without the packages inside it. */
async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true });
  const sizes = await Promise.all(
    entries.map(async (entry) => {
      const place = path.join(folder, entry.name);
      if (entry.isDirectory()) return entry.name === "node_modules" ? 0 : sizeOf(place);
      return Math.ceil((await lstat(place)).size / BLOCK) * BLOCK;
    }),
  );
  return sizes.reduce((sum, size) => sum + size, BLOCK);
}

test(`the packages of the image take less than ${MOST_MB} MB`, async () => {
  const { packages } = Lock.parse(JSON.parse(await readFile("package-lock.json", "utf8")));
  const held = Object.entries(packages).filter(
    ([place, { dev, optional, devOptional }]) => place !== "" && dev !== true && optional !== true && devOptional !== true,
  );
  expect(held.length).toBeGreaterThan(50);
  let megabytes = 0;
  for (const [place] of held) megabytes += (await sizeOf(place)) / 2 ** 20;
  // The charts alone are 60: a sum far below that would have looked at nothing.
  expect(megabytes).toBeGreaterThan(150);
  expect(megabytes).toBeLessThan(MOST_MB);
  console.info(`${held.length} packages of the image: ${Math.round(megabytes)} MB`);
});
