import { crc32, deflateSync, inflateSync } from "node:zlib";

/** A palette holds that many colours. */
const MOST_COLOURS = 256;
const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

type Pixels = { readonly width: number; readonly height: number; readonly colours: Uint32Array };

/** The same picture in at most 256 colours: a screenshot of text and plain surfaces needs no more, and is a third of the size. */
export function withPalette(png: Buffer): Buffer {
  const pixels = pixelsOf(png);
  const palette = paletteOf(pixels.colours);
  const nearest = new Map<number, number>();
  const rows = Buffer.alloc((pixels.width + 1) * pixels.height);
  for (const [index, colour] of pixels.colours.entries()) {
    const entry = nearest.get(colour) ?? nearestOf(colour, palette);
    nearest.set(colour, entry);
    rows[Math.floor(index / pixels.width) * (pixels.width + 1) + 1 + (index % pixels.width)] = entry;
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(pixels.width, 0);
  header.writeUInt32BE(pixels.height, 4);
  header.set([8, 3, 0, 0, 0], 8);
  const table = Buffer.from(palette.flatMap((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255]));
  return Buffer.concat([
    SIGNATURE,
    chunk("IHDR", header),
    chunk("PLTE", table),
    chunk("IDAT", deflateSync(rows, { level: 9 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, "latin1"), data]);
  const whole = Buffer.alloc(body.length + 8);
  whole.writeUInt32BE(data.length, 0);
  whole.set(body, 4);
  whole.writeUInt32BE(crc32(body), body.length + 4);
  return whole;
}

/** What a browser writes: 8 bits, RGB or RGBA, not interlaced. Opacity is left out. @throws for any other */
export function pixelsOf(png: Buffer): Pixels {
  const [width, height, kind] = [png.readUInt32BE(16), png.readUInt32BE(20), png.readUInt32BE(24)];
  const bytes = kind === 0x08020000 ? 3 : kind === 0x08060000 ? 4 : null;
  if (bytes === null) throw new Error(`this PNG is of no kind that a browser writes: ${kind.toString(16)}`);
  const parts: Buffer[] = [];
  for (let at = 8; at < png.length; at += png.readUInt32BE(at) + 12) {
    if (png.toString("latin1", at + 4, at + 8) === "IDAT") parts.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  }
  const raw = inflateSync(Buffer.concat(parts));
  const stride = width * bytes;
  const colours = new Uint32Array(width * height);
  let above = new Uint8Array(stride);
  for (let row = 0; row < height; row += 1) {
    const line = unfiltered(raw.subarray(row * (stride + 1), (row + 1) * (stride + 1)), above, bytes);
    for (let x = 0; x < width; x += 1) {
      const [red = 0, green = 0, blue = 0] = line.subarray(x * bytes, x * bytes + 3);
      colours[row * width + x] = (red << 16) | (green << 8) | blue;
    }
    above = line;
  }
  return { width, height, colours };
}

/** One line as it was before its filter (PNG specification, section 9). */
function unfiltered(filtered: Buffer, above: Uint8Array, bytes: number): Uint8Array<ArrayBuffer> {
  const kind = filtered[0] ?? 0;
  const line = new Uint8Array(filtered.length - 1);
  for (let at = 0; at < line.length; at += 1) {
    const left = line[at - bytes] ?? 0;
    const up = above[at] ?? 0;
    const corner = at < bytes ? 0 : (above[at - bytes] ?? 0);
    const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][kind] ?? 0;
    line[at] = (filtered[at + 1] ?? 0) + guess;
  }
  return line;
}

function paeth(left: number, up: number, corner: number): number {
  const [toLeft, toUp, toCorner] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)];
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}

/** The commonest colours that differ enough from each other: a small icon keeps its own beside many greys of letters. */
function paletteOf(colours: Uint32Array): readonly number[] {
  const counts = new Map<number, number>();
  for (const colour of colours) counts.set(colour, (counts.get(colour) ?? 0) + 1);
  const common = [...counts].toSorted((one, other) => other[1] - one[1]).map(([colour]) => colour);
  for (let apart = 4; ; apart *= 1.4) {
    const palette: number[] = [];
    for (const colour of common) {
      const near = palette[nearestOf(colour, palette)];
      if (near === undefined || distance(colour, near) >= apart ** 2) palette.push(colour);
      if (palette.length > MOST_COLOURS) break;
    }
    if (palette.length <= MOST_COLOURS) return palette;
  }
}

function nearestOf(colour: number, palette: readonly number[]): number {
  let best = { entry: 0, far: Number.POSITIVE_INFINITY };
  for (const [entry, other] of palette.entries()) {
    const far = distance(colour, other);
    if (far < best.far) best = { entry, far };
  }
  return best.entry;
}

/** Squared, in steps of 8-bit channels. */
function distance(one: number, other: number): number {
  const red = (one >> 16) - (other >> 16);
  const green = ((one >> 8) & 255) - ((other >> 8) & 255);
  const blue = (one & 255) - (other & 255);
  return red ** 2 + green ** 2 + blue ** 2;
}
