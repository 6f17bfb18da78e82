import { crc32, deflateRawSync } from "node:zlib";

export type Packed = {
  readonly name: string;
  readonly body: Buffer;
  readonly method?: 0 | 8;
  readonly size?: number;
  readonly crc?: number;
  readonly flags?: number;
};

/** An archive as programs make them; what a test sets besides is a lie. */
export function zipOf(files: readonly Packed[], over: { readonly count?: number; readonly sameOffset?: boolean } = {}): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const file of files) {
    const packed = file.method === 0 ? file.body : deflateRawSync(file.body);
    const name = Buffer.from(file.name);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04_03_4b_50, 0);
    local.writeUInt16LE(name.length, 26);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02_01_4b_50, 0);
    central.writeUInt16LE(file.flags ?? 0, 8);
    central.writeUInt16LE(file.method ?? 8, 10);
    central.writeUInt32LE(file.crc ?? crc32(file.body), 16);
    central.writeUInt32LE(packed.length, 20);
    central.writeUInt32LE(file.size ?? file.body.length, 24);
    central.writeUInt16LE(name.length, 28);
    central.writeUInt32LE(over.sameOffset === true ? 0 : offset, 42);
    parts.push(local, name, packed);
    directory.push(central, name);
    offset += local.length + name.length + packed.length;
  }
  const list = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06_05_4b_50, 0);
  end.writeUInt16LE(over.count ?? files.length, 8);
  end.writeUInt16LE(over.count ?? files.length, 10);
  end.writeUInt32LE(list.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, list, end]);
}
