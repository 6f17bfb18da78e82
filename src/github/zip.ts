import { promisify } from "node:util";
import { crc32, inflateRaw } from "node:zlib";

const inflate = promisify(inflateRaw);

/** Files of more archives than that are no test reports. */
const MOST_ENTRIES = 5_000;

const END = 0x06_05_4b_50;
const CENTRAL = 0x02_01_4b_50;
const LOCAL = 0x04_03_4b_50;
const END_BYTES = 22;
const MOST_COMMENT = 65_535;

type Entry = {
  readonly name: string;
  readonly method: number;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  readonly offset: number;
};

/**
 * The files of an archive whose name is wanted. Null: it is no archive that an ordinary program made (encrypted, in several parts, over
 * 4 GiB, files that overlap, sizes or checksums that lie), or more than `bytes` would come out of it: what is counted are the bytes that
 * are really produced, whatever the archive says.
 */
export async function unzip(
  archive: Buffer,
  options: { readonly wanted: (name: string) => boolean; readonly files: number; readonly bytes: number },
): Promise<readonly { readonly name: string; readonly body: Buffer }[] | null> {
  const entries = entriesOf(archive);
  if (entries === null) return null;
  const wanted = entries.filter(({ name }) => options.wanted(name));
  if (wanted.length > options.files) return null;
  const found: { readonly name: string; readonly body: Buffer }[] = [];
  let left = options.bytes;
  for (const entry of wanted) {
    const body = entry.size > left ? null : await bodyOf(archive, entry, left);
    if (body === null) return null;
    left -= body.length;
    found.push({ name: entry.name, body });
  }
  return found;
}

/** By the directory at the end; null: it is none. */
function entriesOf(archive: Buffer): readonly Entry[] | null {
  const end = endOf(archive);
  if (end === null) return null;
  const count = archive.readUInt16LE(end + 10);
  const size = archive.readUInt32LE(end + 12);
  const start = archive.readUInt32LE(end + 16);
  const isOnePart = archive.readUInt32LE(end + 4) === 0 && archive.readUInt16LE(end + 8) === count;
  if (!isOnePart || count > MOST_ENTRIES || start + size > end) return null;
  const entries: Entry[] = [];
  let at = start;
  for (let index = 0; index < count; index += 1) {
    if (at + 46 > end || archive.readUInt32LE(at) !== CENTRAL) return null;
    const lengths = [archive.readUInt16LE(at + 28), archive.readUInt16LE(at + 30), archive.readUInt16LE(at + 32)] as const;
    const next = at + 46 + lengths[0] + lengths[1] + lengths[2];
    if (next > end) return null;
    const isEncrypted = (archive.readUInt16LE(at + 8) & 1) === 1;
    if (isEncrypted) return null;
    entries.push({
      name: archive.toString("utf8", at + 46, at + 46 + lengths[0]),
      method: archive.readUInt16LE(at + 10),
      crc: archive.readUInt32LE(at + 16),
      packed: archive.readUInt32LE(at + 20),
      size: archive.readUInt32LE(at + 24),
      offset: archive.readUInt32LE(at + 42),
    });
    at = next;
  }
  return overlap(entries, start) ? null : entries;
}

function endOf(archive: Buffer): number | null {
  for (let at = archive.length - END_BYTES; at >= Math.max(0, archive.length - END_BYTES - MOST_COMMENT); at -= 1) {
    if (archive.readUInt32LE(at) === END && archive.readUInt16LE(at + 20) === archive.length - at - END_BYTES) return at;
  }
  return null;
}

/** A few bytes that thousands of files share would come out thousands of times. */
function overlap(entries: readonly Entry[], start: number): boolean {
  let free = 0;
  for (const { offset, packed } of entries.toSorted((one, other) => one.offset - other.offset)) {
    if (offset < free || offset + 30 + packed > start) return true;
    free = offset + 30 + packed;
  }
  return false;
}

async function bodyOf(archive: Buffer, entry: Entry, most: number): Promise<Buffer | null> {
  const { offset, packed, size, method } = entry;
  if (archive.readUInt32LE(offset) !== LOCAL) return null;
  const begin = offset + 30 + archive.readUInt16LE(offset + 26) + archive.readUInt16LE(offset + 28);
  if (begin + packed > archive.length) return null;
  const raw = archive.subarray(begin, begin + packed);
  const body = method === 0 ? raw : method === 8 ? await inflated(raw, most) : null;
  return body !== null && body.length === size && crc32(body) === entry.crc ? body : null;
}

async function inflated(raw: Buffer, most: number): Promise<Buffer | null> {
  try {
    return await inflate(raw, { maxOutputLength: Math.max(1, most) });
  } catch {
    // Too much of it, or broken: either way it is no report.
    return null;
  }
}
