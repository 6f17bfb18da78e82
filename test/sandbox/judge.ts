import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ValidateFunction } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { asObject } from "../../sandbox/loopback.ts";

export const fixtures = process.env["GREENLIGHT_FIXTURES"] ?? join(import.meta.dirname, "../../../shared/fixtures");

/** A published specification as judge of what the sandbox says; null when the fixtures are absent. */
export function openJudge(file: string) {
  const path = join(fixtures, file);
  if (!existsSync(path)) return null;
  const spec: unknown = normalise(JSON.parse(readFileSync(path, "utf8")));
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: true });
  formats.default(ajv);
  // GitHub's own default for addresses that nobody gave is the empty text.
  ajv.addFormat("uri", (text) => text === "" || URL.canParse(text));
  ajv.addSchema(asObject(spec) ?? {}, "spec");
  const known = new Map<string, ValidateFunction>();

  /** The faults of a value against the schema at a JSON pointer of the specification; empty when it is right. */
  return function faults(pointer: readonly string[], value: unknown): string[] {
    const key = pointer.map((part) => encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1"))).join("/");
    const validate = known.get(key) ?? ajv.compile({ $ref: `spec#/${key}` });
    known.set(key, validate);
    if (validate(value) === true) return [];
    return (validate.errors ?? []).map((fault) => `${fault.instancePath} ${fault.message} ${JSON.stringify(fault.params)}`);
  };
}

/** Where the schema of an answer stands. */
export function answerPointer(method: string, path: string, status: number): string[] {
  return ["paths", path, method.toLowerCase(), "responses", String(status), "content", "application/json", "schema"];
}

/** OpenAPI 3.0 says `nullable: true` where JSON Schema says `null`. */
function normalise(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(normalise);
  const object = asObject(value);
  if (object === null) return value;
  const plain = Object.fromEntries(Object.entries(object).flatMap(([key, inner]) => (key === "nullable" ? [] : [[key, normalise(inner)]])));
  return object["nullable"] === true ? { anyOf: [{ type: "null" }, plain] } : plain;
}
