import { expect, test } from "vitest";
import { canonicalJson, hashOf, sha256Hex } from "../../src/domain/canonical.ts";

test("equal values give one text, whatever order they were built in", () => {
  expect(canonicalJson({ b: [1, { d: null, c: "é\n" }], a: true })).toBe('{"a":true,"b":[1,{"c":"é\\n","d":null}]}');
  expect(hashOf({ a: 1, b: 2 })).toBe(hashOf({ b: 2, a: 1 }));
  expect(hashOf([1, 2])).not.toBe(hashOf([2, 1]));
});

test("the hash is SHA-256", () => {
  expect(sha256Hex("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
});

const circle: Record<string, unknown> = {};
circle["self"] = circle;

test.each([
  { name: "undefined", value: { a: undefined } },
  { name: "NaN", value: [Number.NaN] },
  { name: "a date", value: new Date(0) },
  { name: "a map", value: new Map() },
  { name: "a function", value: () => 1 },
  { name: "a big integer", value: 1n },
  { name: "a symbol", value: Symbol("x") },
  { name: "half a character", value: "\uD800" },
  { name: "a hole", value: Array(1) },
  { name: "a circle", value: circle },
])("$name is refused, not lost", ({ value }) => {
  expect(() => canonicalJson(value)).toThrow(/canonical JSON cannot hold value/);
});

test("the same object twice is no circle", () => {
  const shared = { x: 1 };
  expect(canonicalJson([shared, shared])).toBe('[{"x":1},{"x":1}]');
});
