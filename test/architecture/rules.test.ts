import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";
import { checkRules } from "./rules.ts";

const HOUSE = {
  "bin/greenlight.js": 'await import("../src/cli/main.ts");',
  "src/cli/main.ts": 'import { Command } from "commander";\nexport const run = async () => [new Command(), await import("../main.ts")];',
  "src/main.ts": 'import { app } from "./app/app.ts";\nimport { load } from "./config/load.ts";\nexport const start = () => [app, load];',
  "src/app/app.ts":
    'import { send } from "../slack/send.ts";\nimport { apply } from "../engine/apply.ts";\nimport { serve } from "../http/serve.ts";\nexport const app = [send, apply, serve];',
  "src/ports.ts": 'import type { Sha } from "./domain/ids.ts";\nexport type Port = Sha;',
  "src/telemetry.ts": 'import * as Sentry from "@sentry/node";\nexport { Sentry };',
  "src/config/load.ts":
    'import { parse } from "yaml";\nimport type { Sha } from "../domain/ids.ts";\nexport const load = (text: string): Sha => parse(text);',
  "src/domain/ids.ts":
    'import { DateTime } from "luxon";\nimport { createHash } from "node:crypto";\nexport type Sha = string;\nexport { DateTime, createHash };',
  "src/db/client.ts":
    'import pg from "pg";\nimport { sql } from "drizzle-orm";\nimport type { Sha } from "../domain/ids.ts";\nexport const db = (sha: Sha) => [pg, sql, sha];',
  "src/engine/apply.ts":
    'import { db } from "../db/client.ts";\nimport type { Port } from "../ports.ts";\nexport const apply = (port: Port) => db(port);',
  "src/http/serve.ts": 'import { createServer } from "node:http";\nexport const serve = createServer;',
  "src/slack/send.ts":
    'import { WebClient } from "@slack/web-api";\nimport type { Port } from "../ports.ts";\nexport const send = (port: Port) => new WebClient(port);',
  "src/github/client.ts": 'import { Octokit } from "octokit";\nexport const client = Octokit;',
  "src/targets/ssh/connect.ts": 'import { Client } from "ssh2";\nexport const connect = Client;',
  "sandbox/world.ts": 'import { app } from "../src/app/app.ts";\nimport { App } from "@slack/bolt";\nexport const world = [app, App];',
  "test/world.test.ts":
    'import { world } from "../sandbox/world.ts";\nimport { sql } from "drizzle-orm";\nexport const seen = [world, sql];',
} as const;

const folders: string[] = [];
afterEach(async () => {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true })));
});

/** A small house that keeps every rule, with `planted` files put over it. */
async function look(planted: Readonly<Record<string, string>>): ReturnType<typeof checkRules> {
  const root = await mkdtemp(path.join(tmpdir(), "greenlight-rules-"));
  folders.push(root);
  for (const [file, text] of Object.entries({ ...HOUSE, ...planted })) {
    await mkdir(path.dirname(path.join(root, file)), { recursive: true });
    await writeFile(path.join(root, file), text);
  }
  return checkRules(root);
}

test("a house that keeps the rules has no faults, and every file of it was seen", async () => {
  expect(await look({})).toMatchObject({ modules: Object.keys(HOUSE).length, imports: 30, faults: [] });
});

test.each([
  { name: "domain knows a port", file: "src/domain/x.ts", text: 'import type { Port } from "../ports.ts";', rule: "[domain]" },
  { name: "domain knows the database", file: "src/domain/x.ts", text: 'export * from "../db/client.ts";', rule: "[domain]" },
  { name: "domain uses a package", file: "src/domain/x.ts", text: 'import { z } from "zod";', rule: "[pure domain]" },
  { name: "domain reads files", file: "src/domain/x.ts", text: 'import { readFile } from "node:fs/promises";', rule: "[pure domain]" },
  { name: "ports know the engine", file: "src/ports.ts", text: 'export type P = import("./engine/apply.ts").P;', rule: "[ports.ts]" },
  { name: "the engine knows Slack", file: "src/engine/x.ts", text: 'import { send } from "../slack/send.ts";', rule: "[engine]" },
  {
    name: "the engine knows the configuration",
    file: "src/engine/x.ts",
    text: 'import type { C } from "../config/load.ts";',
    rule: "[engine]",
  },
  { name: "the engine writes SQL", file: "src/engine/x.ts", text: 'import { eq } from "drizzle-orm";', rule: "[home of drizzle-orm]" },
  { name: "the database knows the engine", file: "src/db/x.ts", text: 'import { apply } from "../engine/apply.ts";', rule: "[db]" },
  {
    name: "the configuration knows the database",
    file: "src/config/x.ts",
    text: 'import { db } from "../db/client.ts";',
    rule: "[config]",
  },
  { name: "an adapter knows another", file: "src/slack/x.ts", text: 'import { client } from "../github/client.ts";', rule: "[adapter]" },
  { name: "an adapter knows the engine", file: "src/slack/x.ts", text: 'import { apply } from "../engine/apply.ts";', rule: "[adapter]" },
  { name: "an adapter knows the database", file: "src/targets/x.ts", text: 'import { db } from "../db/client.ts";', rule: "[adapter]" },
  {
    name: "an adapter knows it by import()",
    file: "src/slack/x.ts",
    text: 'export const x = import("../db/client.ts");',
    rule: "[adapter]",
  },
  {
    name: "a room nobody listed knows the database",
    file: "src/new/x.ts",
    text: 'import { db } from "../db/client.ts";',
    rule: "[adapter]",
  },
  { name: "a new file of src knows the database", file: "src/new.ts", text: 'import { db } from "./db/client.ts";', rule: "[adapter]" },
  { name: "the HTTP room knows an adapter", file: "src/http/x.ts", text: 'import { send } from "../slack/send.ts";', rule: "[adapter]" },
  {
    name: "an adapter knows the HTTP room",
    file: "src/slack/x.ts",
    text: 'import { serve } from "../http/serve.ts";',
    rule: "[callers of http]",
  },
  { name: "a command assembles the app", file: "src/cli/x.ts", text: 'import { app } from "../app/app.ts";', rule: "[callers of app]" },
  { name: "a command knows an adapter", file: "src/cli/x.ts", text: 'import { send } from "../slack/send.ts";', rule: "[cli]" },
  { name: "an adapter starts the bot", file: "src/slack/x.ts", text: 'import { start } from "../main.ts";', rule: "[callers of main.ts]" },
  { name: "src knows the sandbox", file: "src/app/app.ts", text: 'import { world } from "../../sandbox/world.ts";', rule: "[folders]" },
  { name: "src knows a test", file: "src/app/app.ts", text: 'import type { T } from "../../test/world.test.ts";', rule: "[folders]" },
  {
    name: "src starts a file of the sandbox",
    file: "src/app/app.ts",
    text: 'export const x = new URL("../../sandbox/world.ts", import.meta.url);',
    rule: "[folders]",
  },
  { name: "the sandbox knows a test", file: "sandbox/x.ts", text: 'import { seen } from "../test/world.test.ts";', rule: "[folders]" },
  {
    name: "Slack's packages elsewhere",
    file: "src/github/x.ts",
    text: 'import type { B } from "@slack/types";',
    rule: "[home of @slack/types]",
  },
  { name: "GitHub's package elsewhere", file: "src/slack/x.ts", text: 'import { Octokit } from "octokit";', rule: "[home of octokit]" },
  {
    name: "its parts elsewhere",
    file: "src/slack/x.ts",
    text: 'import { s } from "@octokit/webhooks";',
    rule: "[home of @octokit/webhooks]",
  },
  { name: "node-ssh elsewhere", file: "src/targets/x.ts", text: 'import { NodeSSH } from "node-ssh";', rule: "[home of node-ssh]" },
  { name: "ssh2 elsewhere", file: "src/targets/docker.ts", text: 'import { Client } from "ssh2";', rule: "[home of ssh2]" },
  {
    name: "a part of drizzle elsewhere",
    file: "src/app/app.ts",
    text: 'import { d } from "drizzle-orm/node-postgres";',
    rule: "[home of drizzle-orm]",
  },
  { name: "pg elsewhere", file: "src/main.ts", text: 'import pg from "pg";', rule: "[home of pg]" },
  { name: "pg by require", file: "src/main.ts", text: 'export const x = require("pg");', rule: "[home of pg]" },
  { name: "pg-boss elsewhere", file: "src/engine/x.ts", text: 'import { PgBoss } from "pg-boss";', rule: "[home of pg-boss]" },
  { name: "Sentry's SDK elsewhere", file: "src/sentry/x.ts", text: 'import * as S from "@sentry/node";', rule: "[home of @sentry/node]" },
  { name: "an import without a name", file: "src/app/app.ts", text: "export const load = (x: string) => import(x);", rule: "[named]" },
  { name: "an import of nothing", file: "src/app/app.ts", text: 'import "./nowhere.ts";', rule: "[exists]" },
])("refused: $name", async ({ file, text, rule }) => {
  const { faults } = await look({ [file]: text });
  // A forbidden import often closes a circle as well; that one has tests of its own.
  expect(faults.filter((fault) => !fault.includes("cycle]"))).toEqual([expect.stringContaining(`${file}:1  ${rule}`)]);
});

test("refused: files that load each other, however long the way round", async () => {
  const { faults } = await look({
    "src/engine/a.ts": 'import { b } from "./b.ts";\nexport const a = () => b;',
    "src/engine/b.ts": 'import { c } from "./c.ts";\nexport const b = () => c;',
    "src/engine/c.ts": 'import { a } from "./a.ts";\nexport const c = () => a;',
  });
  expect(faults).toEqual(["[file cycle]  src/engine/a.ts <-> src/engine/b.ts <-> src/engine/c.ts"]);
});

test("two files that share types only load nothing in a circle", async () => {
  const { faults } = await look({
    "src/engine/a.ts": 'import type { B } from "./b.ts";\nexport type A = B;',
    "src/engine/b.ts": 'import { type A } from "./a.ts";\nexport type B = A;',
  });
  expect(faults).toEqual([]);
});

test("refused: rooms that know each other, by types too", async () => {
  const { faults } = await look({ "src/domain/x.ts": 'import type { Port } from "../ports.ts";\nexport type X = Port;' });
  expect(faults).toContain("[room cycle]  domain <-> ports.ts");
});

test("a tree in which nothing is seen is a fault, not a success", async () => {
  const root = await mkdtemp(path.join(tmpdir(), "greenlight-rules-"));
  folders.push(root);
  expect((await checkRules(root)).faults).toEqual(["saw 0 of the 0 code files on disk"]);
});

test("a file that cannot be parsed is named", async () => {
  await expect(look({ "src/domain/x.ts": "export const = 1;" })).rejects.toThrow("src/domain/x.ts cannot be parsed");
});

test("this repository keeps its own rules", async () => {
  const report = await checkRules(fileURLToPath(new URL("../..", import.meta.url)));
  expect(report.faults).toEqual([]);
  expect(report.modules).toBeGreaterThan(200);
});
