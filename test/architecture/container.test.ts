import { access, readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";

const Service = z.object({
  image: z.string(),
  environment: z.record(z.string(), z.string()),
  secrets: z.array(z.string()),
  networks: z.array(z.string()),
  ports: z.array(z.string()).optional(),
  read_only: z.boolean().optional(),
  cap_drop: z.array(z.string()).optional(),
});
const Compose = z.object({
  services: z.object({ bot: Service, database: Service }),
  networks: z.record(z.string(), z.unknown()),
  volumes: z.record(z.string(), z.unknown()),
  secrets: z.record(z.string(), z.object({ file: z.string() })),
});

const compose = Compose.parse(parse(await readFile("docker-compose.yml", "utf8")));
const { bot, database } = compose.services;
const dockerfile = await readFile("Dockerfile", "utf8");

test("compose: every secret is a file, given to somebody, and nobody asks for one that is not there", () => {
  const given = new Set([...bot.secrets, ...database.secrets]);
  expect([...given].toSorted()).toEqual(Object.keys(compose.secrets).toSorted());
  const asked = [bot, database].flatMap((service) =>
    Object.values(service.environment)
      .filter((value) => value.startsWith("/run/secrets/"))
      .map((value) => ({ name: value.slice("/run/secrets/".length), service })),
  );
  expect(asked.length).toBe(bot.secrets.length + database.secrets.length);
  expect(asked.filter(({ name, service }) => !service.secrets.includes(name))).toEqual([]);
});

test("compose: what the bot is given is documented, and no secret is given in clear", async () => {
  const documented = await readFile("docs/configuration.md", "utf8");
  const names = Object.keys(bot.environment);
  const known = (name: string): boolean => [name, name.replace(/_FILE$/, "")].some((word) => documented.includes(`\`${word}\``));
  expect(names.filter((name) => !known(name))).toEqual([]);
  expect(names.filter((name) => /TOKEN|SECRET|KEY|PASSWORD|URL/.test(name) && !name.endsWith("_FILE"))).toEqual([]);
});

test("compose: the bot writes nowhere and may nothing; the database is reached by the bot alone", () => {
  expect(bot).toMatchObject({ read_only: true, cap_drop: ["ALL"] });
  expect(bot.ports).toEqual([expect.stringMatching(/^127\.0\.0\.1:/)]);
  expect(database.ports).toBeUndefined();
  expect(compose.networks).toMatchObject({ database: { internal: true } });
  expect(database.networks).toEqual(["database"]);
});

test("image: Node 24, no script of a package, no optional package, not root", async () => {
  expect([...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image)).toEqual(["node:24-slim", "node:24-slim"]);
  expect(dockerfile).toContain("npm ci --omit=dev --omit=optional --ignore-scripts");
  expect(dockerfile).toMatch(/^USER node$/m);
  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, paths]) => paths?.split(" ") ?? []);
  expect(copied).toContain("src");
  await Promise.all(copied.map((path) => access(path)));
  const admitted = (await readFile(".dockerignore", "utf8")).split("\n").filter((line) => line.startsWith("!"));
  expect(copied.filter((path) => !admitted.includes(`!${path}`))).toEqual([]);
});
