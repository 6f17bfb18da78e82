import { pick, type Roll } from "../support/dice.ts";

/** What no sender means: a small set, so that what is accepted of it stays small too. */
const WEIRD: readonly unknown[] = [
  null,
  true,
  -1,
  0,
  1.5,
  2 ** 53,
  1e308,
  "",
  " ",
  "\u0000",
  "nul\u0000inside",
  "\ud800",
  "\u202e\u200b",
  "x".repeat(3_000),
  "0".repeat(40),
  "f".repeat(40),
  "refs/heads/main",
  "refs/tags/main",
  "../../etc/passwd",
  "javascript:alert(1)",
  "https://evil.test/?x=<!channel>",
  "+300000-01-01T00:00:00Z",
  "1970-01-01T00:00:00Z",
  "2026-03-02 09:00:00 UTC",
  "completed",
  "success",
  "queued",
  "cancelled",
  [],
  {},
  [[[[]]]],
  [null, 1, "x"],
  { $at: "x" },
  Array.from({ length: 300 }, () => ({})),
];

type Path = readonly (string | number)[];

/** One leaf or branch of the body replaced, taken out or doubled. */
export function mutatedBody(body: unknown, roll: Roll): unknown {
  const copy: unknown = structuredClone(body);
  for (let times = roll(3); times >= 0; times -= 1) {
    const paths = pathsOf(copy, []);
    if (paths.length === 0) return copy;
    change(copy, pick(paths, roll), roll);
  }
  return copy;
}

function pathsOf(value: unknown, path: Path): readonly Path[] {
  if (typeof value !== "object" || value === null) return [path];
  const inner = Object.entries(value).flatMap(([key, item]) => pathsOf(item, [...path, Array.isArray(value) ? Number(key) : key]));
  return path.length === 0 ? inner : [path, ...inner];
}

function change(root: unknown, path: Path, roll: Roll): void {
  let parent: unknown = root;
  for (const key of path.slice(0, -1)) parent = typeof parent === "object" && parent !== null ? Reflect.get(parent, key) : null;
  const last = path.at(-1);
  if (typeof parent !== "object" || parent === null || last === undefined) return;
  switch (roll(5)) {
    case 0:
      Reflect.deleteProperty(parent, last);
      return;
    case 1:
      Reflect.set(parent, String(last).toUpperCase(), Reflect.get(parent, last));
      return;
    default:
      Reflect.set(parent, last, structuredClone(pick(WEIRD, roll)));
  }
}

/** The text as bytes, broken as wires and careless programs break it. */
export function mutatedBytes(text: string, roll: Roll): Buffer {
  const bytes = Buffer.from(text);
  const at = roll(Math.max(1, bytes.length));
  switch (roll(12)) {
    case 0:
      return bytes.subarray(0, at);
    case 1:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(roll(at + 1))]);
    case 2:
      return flipped(bytes, at, roll);
    case 3:
      return Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes]);
    case 4:
      return Buffer.from(text, "utf16le");
    case 5:
      return Buffer.from(text, "latin1");
    case 6:
      return Buffer.concat([bytes.subarray(0, at), Buffer.from([0xff, 0xfe, 0xc0, 0x80, 0x00]), bytes.subarray(at)]);
    case 7:
      return Buffer.from(`payload=${encodeURIComponent(text)}`);
    case 8:
      return Buffer.from(
        pick(["", "{}", "[]", "null", "0", '"x"', "{", "}{", "[".repeat(5_000), '{"a":'.repeat(2_000), '{"__proto__":{"x":1}}'], roll),
      );
    case 9:
      return Buffer.concat([bytes, bytes]);
    case 10:
      return Buffer.from(text.replaceAll('"', "'"));
    default:
      return bytes;
  }
}

function flipped(bytes: Buffer, at: number, roll: Roll): Buffer {
  const broken = Buffer.from(bytes);
  for (let index = at; index < Math.min(bytes.length, at + 1 + roll(8)); index += 1) broken[index] = roll(256);
  return broken;
}

/** Headers changed, doubled, taken out or made of signs that do not belong there; none that breaks the line itself. */
export function mutatedHeaders(headers: Readonly<Record<string, string>>, roll: Roll): readonly (readonly [string, string])[] {
  const all = Object.entries(headers);
  const [name, value] = pick(all, roll);
  const others = all.filter(([other]) => other !== name);
  const strange = [
    "",
    " ",
    "x".repeat(2_000),
    "\u00e9\u00ff",
    "null",
    "-1",
    "999999999999",
    "v1,",
    "sha256=",
    "a b c",
    "%00",
    "../x",
    value.toUpperCase(),
  ];
  switch (roll(5)) {
    case 0:
      return others;
    case 1:
      return [...all, [name, pick(strange, roll)]];
    case 2:
      return [...others, [name, pick(strange, roll)]];
    case 3:
      return [...all, ["content-encoding", pick(["gzip", "br", "identity", "x"], roll)]];
    default:
      return [
        ...others.filter(([other]) => other !== "content-type"),
        [
          "content-type",
          pick(["text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-16", "", "application/json;;;"], roll),
        ],
      ];
  }
}
