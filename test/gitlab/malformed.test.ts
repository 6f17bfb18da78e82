import { expect, test } from "vitest";
import type { Sha } from "../../src/domain/ids.ts";
import { deploymentHook, jobHook, mergeHook, pipelineHook, pushHook } from "./hooks.ts";
import { createProject } from "./project.ts";
import { A, MAIN, told, reason } from "./normalised.ts";

test("whatever a field is instead, nothing is thrown and no foreign text is repeated", () => {
  const project = createProject("acme/web/shop");
  const pipeline = project.run(MAIN);
  const bodies = [pipelineHook(project, pipeline), jobHook(project, pipeline, project.advance(pipeline, "unit", "running"))];
  const others = [deploymentHook(project, A), pushHook(project, A), mergeHook(project, A)];
  const wrong: readonly unknown[] = [null, -1, 2 ** 60, "evil\u0000<!channel>", [], {}, true, "x".repeat(5000)];
  for (const body of [...bodies, ...others]) {
    for (const path of pathsOf(body)) {
      for (const value of wrong) {
        expect(reason(changed(body, path, value))).not.toMatch(/evil|xxxx/);
      }
    }
  }
});

function pathsOf(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== "object" || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, inner]) => pathsOf(inner, [...path, key]))];
}

function changed(value: unknown, path: readonly string[], instead: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return instead;
  if (Array.isArray(value)) return value.map((inner, index) => (String(index) === key ? changed(inner, rest, instead) : inner));
  return { ...Object(value), [key]: changed(Object(value)[key], rest, instead) };
}

test.each(["https://git.acme.test/\u0000", "https://git.acme.test/a b", "javascript:alert(1)", "https://", "https://git.acme.test/\ud800"])(
  "%j is no page",
  (url) => {
    const project = createProject("acme/web/shop");
    expect(told(deploymentHook(project, A, { deployable_url: url, environment_external_url: url }))[0]).toMatchObject({
      log: null,
      url: null,
    });
  },
);

test("a sha that is none is no revision", () => {
  const project = createProject("acme/web/shop");
  const short: readonly (string | Sha)[] = ["a".repeat(39), "A".repeat(40), `${A}a`];
  for (const sha of short) expect(reason(pipelineHook(project, project.run({ ...MAIN, sha })))).toContain("sha");
});
