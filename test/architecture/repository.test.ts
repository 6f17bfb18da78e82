import { execFile } from "node:child_process";
import { access, constants, readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { z } from "zod";
import { linesWith, textFiles } from "./tracked-files.ts";

const run = promisify(execFile);
const files = await textFiles();
const code = files.filter(({ path }) => /\.(?:ts|js|mjs)$/.test(path));
const own = "test/architecture/repository.test.ts";

test("nothing names a place on the machine it was written on", () => {
  expect(files.length).toBeGreaterThan(300);
  const others = files.filter(({ path }) => path !== own);
  expect(linesWith(others, /(?<![\w.@-])\/Users\/\w|(?<![\w@-])\/home\/(?!deploy\b)\w|(?<![\w/.@-])\/root\b|[A-Z]:\\Users/)).toEqual([]);
  const here = [process.cwd(), homedir()].filter((place) => place.length > 1);
  expect(here.flatMap((place) => files.filter(({ text }) => text.includes(`${place}/`)))).toEqual([]);
});

test("nothing names a package registry: it is the installer's choice", async () => {
  const { stdout } = await run("npm", ["config", "get", "registry"]);
  const { hostname } = new URL(stdout.trim());
  expect(files.filter(({ text }) => hostname !== "localhost" && hostname !== "127.0.0.1" && text.includes(hostname))).toEqual([]);
  expect(linesWith(files, /registry\.(?:npmjs|yarnpkg)/)).toEqual([]);
});

test("no test is run alone or left for later, and no rule is switched off", () => {
  const others = code.filter(({ path }) => path !== own);
  expect(linesWith(others, /\b(?:test|it|describe)\.(?:only|todo|skip)\(/)).toEqual([]);
  expect(linesWith(others, /\b(?:TODO|FIXME|XXX)\b|(?:eslint|oxlint)-disable|@ts-(?:ignore|nocheck|expect-error)/)).toEqual([]);
});

test("no merge was left half done", () => {
  expect(linesWith(files, /^(?:<{7}|>{7}) /)).toEqual([]);
});

test("what the scripts of package.json start is there", async () => {
  const { scripts, bin } = z
    .object({ scripts: z.record(z.string(), z.string()), bin: z.record(z.string(), z.string()) })
    .parse(JSON.parse(await readFile("package.json", "utf8")));
  expect(Object.keys(scripts)).toEqual(expect.arrayContaining(["start", "demo", "test", "test:long", "check", "rules", "types", "lint"]));
  const started = Object.values(scripts).flatMap((script) => [...script.matchAll(/\bnode (\S+)/g)].map(([, path]) => path ?? ""));
  await Promise.all([...started, ...Object.values(bin)].map((path) => access(path)));
});

test("the script of the CI can be run and reads as bash", async () => {
  await access(".ci/run", constants.X_OK);
  expect(await run("bash", ["-n", ".ci/run"])).toMatchObject({ stderr: "" });
});
