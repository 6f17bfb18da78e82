import { describe, expect, test } from "vitest";
import { formatFaults } from "../../src/config/fault.ts";
import { loadConfig, parseConfig } from "../../src/config/load.ts";
import { BROKEN_APPS } from "./broken/app.ts";
import { BROKEN_CONNECTIONS } from "./broken/connections.ts";
import { BROKEN_FORM } from "./broken/form.ts";
import { BROKEN_RELEASES } from "./broken/release.ts";
import { BROKEN_TARGETS } from "./broken/target.ts";
import { changed, ciApp } from "./broken.ts";
import { EXAMPLE } from "./example.ts";

function lines(text: string): readonly string[] {
  const result = parseConfig(text, "greenlight.yml");
  return result.ok ? [] : formatFaults(result.refusal).split("\n");
}

function hash(text: string): string {
  const result = parseConfig(text, "greenlight.yml");
  return result.ok ? result.value.hash : "fault";
}

/** One wrong thing a file, as people do them. */
const BROKEN = [...BROKEN_FORM, ...BROKEN_APPS, ...BROKEN_RELEASES, ...BROKEN_TARGETS, ...BROKEN_CONNECTIONS];

describe("a broken file", () => {
  test.each(BROKEN)("says what and where: $name", ({ text, faults }) => {
    const said = lines(text);
    expect(said.map((line) => Number(line.split(":")[1]))).toEqual(faults.map(([line]) => line));
    for (const [index, [, words]] of faults.entries()) expect(said[index]).toContain(words);
  });

  test("is told with all its faults at once, in the order of the file", () => {
    const said = lines(
      changed(
        ["type: gitlab", "type: gitlap"],
        ["    branch: main", "    branch: main\n    branch: next"],
        ["recipe: django }", "recipe: dajngo }"],
        ["count: 1", "count: 0"],
        ["Europe/Brussels", "Europe/Brusels"],
        ["layout: releases", "layout: release"],
        ["offer }", "ofer }"],
      ),
    );
    expect(said.map((line) => Number(line.split(":")[1]))).toEqual([2, 8, 13, 18, 19, 25, 26]);
  });

  test("that is missing is one fault, not a stack trace", async () => {
    const result = await loadConfig("/nonexistent/greenlight.yml");
    expect(result).toMatchObject({ ok: false, refusal: [{ line: 1, says: expect.stringContaining("no such file") }] });
  });

  test.each([
    { name: "nested without end", text: "[".repeat(200_000) },
    {
      name: "of aliases of aliases",
      text: `a: &a [x,x,x,x,x,x,x,x,x]\n${[..."bcdefghi"].map((key, index) => `${key}: &${key} [${`*${"abcdefgh"[index]},`.repeat(9)}]`).join("\n")}`,
    },
    { name: "that contains itself", text: "apps: &a\n  shop: *a\n" },
    { name: "of bytes", text: "\0\u{FFFD}\u0001: \u0007" },
  ])("$name is refused in words", ({ text }) => {
    expect(lines(text).length).toBeGreaterThan(0);
  });
});

test.each(["null", "[]", "{}", "7", '""', "constructor", "*x", "!!set {a}", "a: b: c"])(
  "%s in place of any word is taken or told, never thrown",
  (odd) => {
    for (const word of EXAMPLE.matchAll(/[\w".@/:-]+/g)) {
      const result = parseConfig(EXAMPLE.slice(0, word.index) + odd + EXAMPLE.slice(word.index + word[0].length), "greenlight.yml");
      const faults = result.ok ? [] : result.refusal;
      expect(result.ok || faults.length > 0).toBe(true);
      for (const { line, column, says, write } of faults) {
        expect(line * column).toBeGreaterThan(0);
        expect(`${says} ${write}`).not.toMatch(/undefined|NaN|\[object/);
      }
    }
  },
);

describe("a good file", () => {
  test("as in the description of the outer surface has no fault", () => {
    expect(lines(EXAMPLE)).toEqual([]);
  });

  test("becomes typed, with every default filled in", () => {
    const result = parseConfig(EXAMPLE, "greenlight.yml");
    if (!result.ok) throw new Error("the example is at fault");
    const [staging, production] = result.value.apps[0]?.environments ?? [];
    expect(result.value).toMatchObject({
      command: "/deploy",
      connections: [{ name: "acme-gitlab", secrets: { token: "ACME_GITLAB_TOKEN" } }],
    });
    expect(staging).toMatchObject({ id: "shop/staging", release: { mode: "automatically" }, after: null, watch: null, onFailure: "hold" });
    expect(production).toMatchObject({
      after: { environment: "staging", forMs: 600_000, verdict: "succeeded_or_unverified" },
      release: {
        mode: "approval",
        approval: { count: 1, expiresMs: 86_400_000, from: [{ kind: "group", handle: "@product-owners" }, { kind: "email" }] },
      },
      target: {
        manage: ["python3", "manage.py"],
        hosts: [
          { name: "web-1.acme.test", port: 22 },
          { address: "web-2.acme.test", port: 2222, directory: "/srv/shop" },
        ],
      },
      watch: { forMs: 1_800_000, everyMs: 60_000, baselineMs: 3_600_000, countdownMs: 90_000, onRegression: "offer" },
    });
  });

  test("hashes by its meaning: comments and quotes change nothing, a rule does", () => {
    expect(hash(EXAMPLE)).toMatch(/^[0-9a-f]{64}$/);
    expect(hash(changed(["branch: main", 'branch: "main" # trunk']))).toBe(hash(EXAMPLE));
    expect(hash(changed(["count: 1, expires: 24h", "expires: 1d"]))).toBe(hash(EXAMPLE));
    expect(hash(changed(["expires: 24h", "expires: 23h"]))).not.toBe(hash(EXAMPLE));
  });

  test.each([
    { given: "30s", everyMs: 5000 },
    { given: "10m", everyMs: 20_000 },
    { given: "2h", everyMs: 60_000 },
  ])("looks every 30th of a watch of $given, within 5 s and 60 s", ({ given, everyMs }) => {
    const result = parseConfig(changed(["watch: { for: 30m", `watch: { for: ${given}`]), "greenlight.yml");
    expect(result.ok && result.value.apps[0]?.environments[1]?.watch?.everyMs).toBe(everyMs);
  });

  test.each([
    { host: "deploy@[2001:DB8::1]:2200", address: "2001:db8::1", port: 2200 },
    { host: "deploy@[::1]", address: "::1", port: 22 },
    { host: "deploy@10.0.0.7:22", address: "10.0.0.7", port: 22 },
    { host: "deploy@Web-1", address: "web-1", port: 22 },
  ])("takes the host $host", ({ host, address, port }) => {
    const result = parseConfig(changed(["deploy@staging.acme.test", `"${host}"`]), "greenlight.yml");
    expect(result.ok && result.value.apps[0]?.environments[0]?.target.hosts[0]).toMatchObject({ user: "deploy", address, port });
  });

  test("may have `~/shop` of two users of one server, and one folder behind two ports", () => {
    const home = 'hosts: [a@x.test], directory: "~/shop", recipe: django';
    const text = changed(["hosts: [deploy@staging.acme.test], directory: /srv/shop, recipe: django", home]);
    expect(lines(text.replace("[deploy@web-1.acme.test, {", "[{ address: x.test, user: b, directory: ~/shop }, {"))).toEqual([]);
    expect(lines(changed(["deploy@staging.acme.test", '"deploy@web-1.acme.test:23"']))).toEqual([]);
  });

  test("keeps what stages are pinned to", () => {
    const pinned =
      "requires: [build, { stage: unit, workflow: ci.yml, event: push }, { stage: e2e, app: farm }, { stage: old, creator: ci }]";
    const result = parseConfig(changed(["requires: [build, unit, integration]", pinned]), "greenlight.yml");
    expect(result.ok && result.value.apps[0]?.environments[0]?.requires).toEqual([
      "build",
      { stage: "unit", workflow: "ci.yml", event: "push" },
      { stage: "e2e", app: "farm" },
      { stage: "old", creator: "ci" },
    ]);
  });

  test("keeps commands, timeouts, people and a channel for all apps", () => {
    const target = "directory: /srv/shop, recipe: django, commands: { install: [pip, install, '{revision}'] }, timeouts: { migrate: 2h }";
    const people = 'channel: "#deploys"\npeople: [{ slack: U0ANN, emails: [Ann@acme.test], github: ann }]\n';
    const text = people + changed(["directory: /srv/shop, recipe: django", target], ['    channel: "#shop-deploys"\n', ""]);
    const result = parseConfig(text, "greenlight.yml");
    expect(result.ok && result.value).toMatchObject({
      people: [{ slackId: "U0ANN", emails: ["ann@acme.test"], github: "ann", gitlab: null }],
      apps: [
        {
          channel: "#deploys",
          environments: [{ target: { commands: { install: ["pip", "install", "{revision}"] }, timeoutsSeconds: { migrate: 7200 } } }, {}],
        },
      ],
    });
  });

  test("may use an anchor, and a fault behind it is told where it stands", () => {
    const text = changed(
      ["requires: [build, unit, integration]", "requires: &stages [build, unit]"],
      ["requires: [acceptance]", "requires: *stages"],
    );
    expect(lines(text)).toEqual([]);
    expect(lines(text.replace("[build, unit]", "[build, 7]")).map((line) => line.split(":")[1])).toEqual(["10", "10"]);
  });
});

test("a repository of any CI is taken, several with a secret each, and one by several apps", () => {
  const apps = `${ciApp("shop", "ci:shop")}${ciApp("api", "ci:shop")}${ciApp("blog", "blog-ci:blog")}`;
  const connections = "connections: { blog-ci: { type: ci, webhook_secret: env:BLOG_CI_SECRET } }";
  const parsed = parseConfig(`${connections}\napps:\n${apps}`, "x");
  expect(parsed.ok ? parsed.value.apps.map(({ repository }) => repository) : parsed.refusal).toEqual([
    { connection: "default", kind: "ci", path: "shop" },
    { connection: "default", kind: "ci", path: "shop" },
    { connection: "blog-ci", kind: "ci", path: "blog" },
  ]);
});
