import { expect, test } from "vitest";
import { parseConfig } from "../../src/config/load.ts";
import { changed } from "./broken.ts";

const HOSTS = "hosts: [deploy@staging.acme.test], directory: /srv/shop, recipe: django";

function faults(words: string): readonly string[] {
  const parsed = parseConfig(changed([HOSTS, `${HOSTS}, ${words}`]), "greenlight.yml");
  return parsed.ok ? [] : parsed.refusal.map((fault) => `${fault.path}: ${fault.says}`);
}

test.for([
  "environment: { DB_PASSWORD: hunter2 }",
  'environment: { DATABASE_URL: "postgres://shop:hunter2@db/shop" }',
  "environment: { SENTRY: xoxb-1234567890-abcdef }",
  "commands: { restart: [./restart, --token, hunter2] }",
  "before: { migrate: [[./ask, PASSWORD=hunter2]] }",
])("%s is a fault that does not repeat the secret", (words) => {
  const said = faults(words);
  expect(said).toHaveLength(1);
  expect(said[0]).toContain("secret");
  expect(said[0]).not.toContain("hunter2");
});

test.for([
  "environment: { DJANGO_SETTINGS_MODULE: shop.settings, PASSWORD_FILE: /run/secrets/db }",
  'commands: { restart: [sh, -c, "TOKEN=$(cat /run/token) ./restart"] }',
  'commands: { restart: [./restart, "--token=${TOKEN}", "{revision}"] }',
])("%s is none", (words) => {
  expect(faults(words)).toEqual([]);
});
