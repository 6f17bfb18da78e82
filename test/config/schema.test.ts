import { readFile } from "node:fs/promises";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { schemaText } from "../../src/config/greenlight-yml.ts";
import { changed } from "./broken.ts";
import { EXAMPLE } from "./example.ts";

function accepts(text: string): boolean {
  const schema: unknown = JSON.parse(schemaText());
  if (typeof schema !== "object" || schema === null) throw new Error("the schema is no object");
  return new Ajv2020({ strictTypes: false }).compile(schema)(parse(text));
}

test("greenlight.schema.json is current (else: npm run schema)", async () => {
  expect(await readFile("greenlight.schema.json", "utf8")).toBe(schemaText());
});

test("an editor accepts the example and marks what is wrong", () => {
  expect(accepts(EXAMPLE)).toBe(true);
  expect(accepts(changed(["approval:", "aproval:"]))).toBe(false);
  expect(accepts(changed(["count: 1", "count: 0"]))).toBe(false);
  expect(accepts(changed(["recipe: django }", "recipe: dajngo }"]))).toBe(false);
  expect(accepts(changed(["env:ACME_GITLAB_TOKEN", "glpat-0123456789"]))).toBe(false);
});

test.each(["docs/configuration.md", "docs/targets.md", "docs/gitlab.md", "docs/on-call.md"])(
  "the examples of %s have no fault",
  async (file) => {
    const { parseConfig } = await import("../../src/config/load.ts");
    const page = await readFile(file, "utf8");
    const examples = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text]) => text ?? "");
    expect(examples.length).toBeGreaterThan(0);
    for (const text of examples) {
      const result = parseConfig(text, file);
      expect(result.ok ? [] : result.refusal).toEqual([]);
    }
  },
);
