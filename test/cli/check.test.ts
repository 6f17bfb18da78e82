import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { changed } from "../config/broken.ts";
import { EXAMPLE } from "../config/example.ts";

const folder = mkdtempSync(join(tmpdir(), "greenlight-check-"));
const good = join(folder, "good.yml");
const bad = join(folder, "bad.yml");
beforeAll(() => {
  writeFileSync(good, EXAMPLE);
  writeFileSync(bad, changed(["approval:", "aproval:"], ["layout: releases", "layout: in_place\n          keep: 3"]));
});
afterAll(() => rmSync(folder, { recursive: true }));

function greenlight(words: readonly string[], environment: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["bin/greenlight.js", ...words], {
    encoding: "utf8",
    env: { PATH: process.env["PATH"] ?? "", ...environment },
  });
  return { status, stdout, stderr };
}

test("a good file is told in plain words: who, after what, where to, and what is measured", () => {
  const { status, stdout, stderr } = greenlight(["check", good]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout).toContain("shop: github:acme/shop, branch main, channel #shop-deploys");
  expect(stdout).toMatch(/starts +by 1 approval of @product-owners, ann@acme.test; an approval counts for 24h/);
  expect(stdout).toMatch(/requires +acceptance, live on staging for 10m, validated on staging/);
  expect(stdout).toMatch(/frozen +fri from 15:00 to 24:00 Europe\/Brussels/);
  expect(stdout).toMatch(
    /goes to +deploy@web-1.acme.test \/srv\/shop, deploy@web-2.acme.test:2222 \/srv\/shop \(django, 5 releases kept\)/,
  );
  expect(stdout).toMatch(
    /watch +30m, every 1m: Sentry shop \(production\), https:\/\/shop.acme.test\/health; a regression offers the rollback/,
  );
});

test("a bad file ends with 1 and all its faults", () => {
  const { status, stdout, stderr } = greenlight(["check", bad]);
  expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
  expect(stderr).toContain(
    `${bad}:17:9  apps.shop.environments.production.aproval: says a key that is not known here. Write: \`approval\``,
  );
  expect(stderr).toContain("`keep` without `layout: releases`");
  expect(stderr.trim().split("\n").at(-1)).toBe(`3 faults in ${bad}`);
});

test("without a file it reads the one that GREENLIGHT_CONFIG names", () => {
  expect(greenlight(["check"], { GREENLIGHT_CONFIG: good }).status).toBe(0);
  const missing = greenlight(["check"], { GREENLIGHT_CONFIG: join(folder, "none.yml") });
  expect(missing).toMatchObject({ status: 1, stderr: expect.stringContaining("there is no such file") });
});

test.each([
  { words: ["check", "--fast"], says: "greenlight: unknown option '--fast'. See `greenlight --help`.\n" },
  { words: ["chek"], says: "greenlight: unknown command 'chek' (Did you mean check?) See `greenlight --help`.\n" },
  {
    words: ["check", "a", "b"],
    says: "greenlight: too many arguments for 'check'. Expected 1 argument but got 2: a, b. See `greenlight --help`.\n",
  },
])("wrong usage is one kind line and exit code 2: $words", ({ words, says }) => {
  expect(greenlight(words)).toEqual({ status: 2, stdout: "", stderr: says });
});

test("help is no fault", () => {
  expect(greenlight(["--help"])).toMatchObject({ status: 0, stdout: expect.stringContaining("check [file]") });
});
