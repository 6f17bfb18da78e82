import { deflateRawSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { unzip } from "../../src/github/zip.ts";
import { zipOf } from "../support/zip.ts";

const MB = 1024 * 1024;
const all = { wanted: (name: string) => name.endsWith(".xml"), files: 1_000, bytes: 4 * MB };
const report = { name: "report.xml", body: Buffer.from("<testsuite/>") };

describe("an archive of reports", () => {
  test("is read, packed or not, and only what is wanted of it", async () => {
    const archive = zipOf([
      report,
      { name: "shot.png", body: Buffer.alloc(9 * MB) },
      { name: "plain.xml", body: Buffer.from("<a/>"), method: 0 },
    ]);
    expect((await unzip(archive, all))?.map(({ name, body }) => `${name} ${body.toString()}`)).toEqual([
      "report.xml <testsuite/>",
      "plain.xml <a/>",
    ]);
  });

  test("that would fill the memory is not read, whatever sizes it claims", async () => {
    const bomb = { name: "bomb.xml", body: Buffer.alloc(64 * MB) };
    for (const size of [undefined, 10, 2 * MB]) {
      const before = process.memoryUsage().rss;
      expect(await unzip(zipOf([{ ...bomb, ...(size === undefined ? {} : { size }) }]), all)).toBeNull();
      expect(process.memoryUsage().rss - before).toBeLessThan(40 * MB);
    }
    // Together they are too much, though each alone is not.
    const some = Array.from({ length: 5 }, (_, index) => ({ name: `${index}.xml`, body: Buffer.alloc(MB) }));
    expect(await unzip(zipOf(some), all)).toBeNull();
    expect(await unzip(zipOf(some.slice(0, 4)), all)).toHaveLength(4);
  });

  test("whose files share their bytes, or that has thousands of them, is not read", async () => {
    expect(await unzip(zipOf([report, { ...report, name: "same.xml" }], { sameOffset: true }), all)).toBeNull();
    expect(await unzip(zipOf(Array.from({ length: 6_000 }, (_, index) => ({ name: `${index}.txt`, body: Buffer.of(1) }))), all)).toBeNull();
    expect(await unzip(zipOf(Array.from({ length: 1_001 }, (_, index) => ({ name: `${index}.xml`, body: Buffer.of(1) }))), all)).toBeNull();
  });

  test("that lies, is encrypted, cut short or none at all is not read, and nothing is thrown", async () => {
    const good = zipOf([report]);
    const lies = [
      zipOf([{ ...report, size: 5 }]),
      zipOf([{ ...report, crc: 1 }]),
      zipOf([{ ...report, flags: 1 }]),
      zipOf([report], { count: 2 }),
      zipOf([report], { count: 65_535 }),
      Buffer.from("PK"),
      Buffer.alloc(0),
      Buffer.alloc(1000, 0x50),
      deflateRawSync(Buffer.alloc(10)),
    ];
    for (const archive of lies) expect(await unzip(archive, all)).toBeNull();
    for (let length = 0; length < good.length; length += 1) expect(await unzip(good.subarray(0, length), all)).toBeNull();
    for (let at = 0; at < good.length; at += 1) {
      const broken = Buffer.from(good);
      broken[at] = (broken[at] ?? 0) ^ 0xff;
      const found = await unzip(broken, all);
      expect(found === null || found.length <= 1).toBe(true);
    }
  });
});
