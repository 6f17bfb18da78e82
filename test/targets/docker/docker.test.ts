import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { StepName } from "../../../src/domain/config.ts";
import { dockerCommands, type DockerRecipe } from "../../../src/domain/recipe/docker.ts";
import { parseSha, type Sha } from "../../../src/domain/ids.ts";

const A = shaOf("a");
const B = shaOf("b");
const RECIPE: DockerRecipe = {
  image: "ghcr.io/acme/shop:{revision}",
  services: ["web", "worker"],
  files: [],
  variable: "IMAGE",
  waitSeconds: 60,
};
const COMPOSE = { services: { web: { image: "${IMAGE}" }, worker: { image: "${IMAGE}" }, db: { image: "postgres:17" } } };

test("runs by the digest that the tag had when it was pulled, and asks the containers", () => {
  using host = openHost([pushed(A)]);
  expect(host.deploy(A)).toEqual(["pull 0", "check 0", "restart 0", "verify 0"]);
  expect(host.file("greenlight.env")).toBe(`IMAGE=${digest(A)}\n`);
  expect(host.containers()).toEqual([`web ${A.slice(0, 7)}`, `worker ${A.slice(0, 7)}`]);
  expect(host.file(".greenlight/images/live")).toBe(`${A}\n`);
});

test("goes back to the recorded digest though the tag has moved and the registry is gone", () => {
  using host = openHost([pushed(A), pushed(B)]);
  host.deploy(A);
  host.deploy(B);
  host.change((world) => (world.registry = []));
  expect(host.deploy(A)).toEqual(["pull 0", "check 0", "restart 0", "verify 0"]);
  expect(host.containers()).toEqual([`web ${A.slice(0, 7)}`, `worker ${A.slice(0, 7)}`]);
});

test("an image that does not become healthy is replaced by the earlier one at once, and the step fails", () => {
  using host = openHost([pushed(A), { ...pushed(B), sick: true }]);
  host.deploy(A);
  expect(host.deploy(B)).toEqual(["pull 0", "check 0", "restart 1: the earlier image runs again"]);
  expect(host.containers()).toEqual([`web ${A.slice(0, 7)}`, `worker ${A.slice(0, 7)}`]);
  expect(host.file("greenlight.env")).toBe(`IMAGE=${digest(A)}\n`);
  expect(host.file(".greenlight/images/live")).toBe(`${A}\n`);
});

test.each([
  { name: "no such tag", images: [], says: "manifest unknown", step: "pull 1" },
  { name: "an image built from another commit", images: [{ ...pushed(A), revision: B }], says: `was built from ${B}`, step: "pull 1" },
  { name: "an image without a digest of its registry", images: [{ ...pushed(A), digests: [] }], says: "has no digest", step: "pull 1" },
  {
    name: "no health check anywhere",
    images: [{ ...pushed(A), healthcheck: undefined }],
    says: "web has no health check",
    step: "check 1",
  },
  {
    name: "a health check that is switched off",
    images: [{ ...pushed(A), healthcheck: "NONE" }],
    says: "web has no health check",
    step: "check 1",
  },
])("before anything changes it refuses $name", ({ images, says, step }) => {
  using host = openHost(images);
  expect(host.deploy(A).at(-1)).toContain(step);
  expect(host.said()).toContain(says);
  expect(host.containers()).toEqual([]);
});

test("refuses a compose file whose service does not run the image", () => {
  using host = openHost([pushed(A)], { services: { ...COMPOSE.services, worker: { image: "ghcr.io/acme/shop:latest" } } });
  expect(host.deploy(A).at(-1)).toContain("worker does not run $IMAGE: write image: ${IMAGE} in the compose file");
});

test("a health check in the compose file is enough, and its file may have any place", () => {
  const service = { image: "${IMAGE}", healthcheck: { test: ["CMD", "true"] } };
  using host = openHost([{ ...pushed(A), healthcheck: undefined }], { services: { web: service, worker: service } }, "deploy/prod.yaml");
  expect(host.deploy(A, { ...RECIPE, files: ["deploy/prod.yaml"] })).toEqual(["pull 0", "check 0", "restart 0", "verify 0"]);
});

test("what is put back is what was healthy last, not what a killed try left behind", () => {
  const c = shaOf("c");
  using host = openHost([pushed(A), { ...pushed(B), sick: true }, { ...pushed(c), sick: true }]);
  host.deploy(A);
  host.run(B, "pull");
  host.write("greenlight.env", `IMAGE=${digest(B)}\n`);
  expect(host.deploy(c).at(-1)).toBe("restart 1: the earlier image runs again");
  expect(host.containers()).toEqual([`web ${A.slice(0, 7)}`, `worker ${A.slice(0, 7)}`]);
});

test("a .env that names the image, too, does not decide what runs", () => {
  using host = openHost([pushed(A)]);
  host.write(".env", "IMAGE=ghcr.io/acme/shop:old\nDEBUG=no\n");
  expect(host.deploy(A)).toEqual(["pull 0", "check 0", "restart 0", "verify 0"]);
});

test("verify names a container that runs something else, or nothing", () => {
  using host = openHost([pushed(A), pushed(B)]);
  host.deploy(A);
  host.run(B, "pull");
  expect(host.run(B, "verify")).toContain(`approved ${B}`);
  // A second one of the same service has crashed: those that run do not speak for it.
  host.change(({ containers }) => containers.push(...containers.slice(0, 1).map((one) => ({ ...one, id: "c-web-2", status: "exited" }))));
  expect(host.run(A, "verify")).toContain(`runs ${A}, but is exited`);
  host.change((world) => (world.containers = []));
  expect(host.run(A, "verify")).toContain("web has no container");
  expect(host.run(shaOf("c"), "verify")).toContain("no record of the image");
});

test("what was tested is pulled by its digest, though the tag has moved to another build of the same revision", () => {
  const rebuilt = { ...pushed(A), id: `sha256:${"f".repeat(64)}`, digests: [`ghcr.io/acme/shop@sha256:${"f".repeat(64)}`] };
  using host = openHost([rebuilt, { ...pushed(A), tag: "ghcr.io/acme/shop:untagged" }]);
  expect(host.run(A, "pull", RECIPE, `sha256:${"a".repeat(64)}`)).toBe("pull 0");
  expect(host.run(A, "restart")).toBe("restart 0");
  expect(host.file("greenlight.env")).toBe(`IMAGE=${digest(A)}\n`);
});

test("a server that has another build of what was tested is refused, and both are named", () => {
  using host = openHost([pushed(A)]);
  host.deploy(A);
  const [tested, here] = [`sha256:${"e".repeat(64)}`, `sha256:${"a".repeat(64)}`];
  expect(host.run(A, "pull", RECIPE, here)).toBe("pull 0");
  expect(host.run(A, "pull", RECIPE, tested)).toBe(
    `pull 1: ${A} was built twice: ${tested} is what was tested, and this server has ${here}`,
  );
});

test("no word of the configuration reaches a shell", () => {
  using host = openHost([pushed(A)]);
  const recipe = { ...RECIPE, image: "ghcr.io/acme/shop:$(touch stolen){revision}", services: ["web;touch stolen", "$(touch stolen)"] };
  for (const step of ["pull", "check", "restart", "verify"] as const) host.run(A, step, recipe);
  expect(() => host.file("stolen")).toThrow("ENOENT");
});

type Image = { tag: string; id: string; digests: string[]; revision?: string; healthcheck?: string | undefined; sick?: boolean };
type World = {
  registry: Image[];
  images: Image[];
  containers: { id: string; service: string; image: string; status: string }[];
  calls: string[][];
};

function shaOf(letter: string): Sha {
  const sha = parseSha(letter.repeat(40));
  if (sha === null) throw new Error("no revision");
  return sha;
}

function digest(revision: Sha): string {
  return `ghcr.io/acme/shop@sha256:${revision.slice(0, 1).repeat(64)}`;
}

function pushed(revision: Sha): Image {
  const id = `sha256:${revision.slice(0, 1).repeat(64)}`;
  return {
    tag: `ghcr.io/acme/shop:${revision}`,
    id,
    digests: ["mirror.test/shop@sha256:" + "0".repeat(64), digest(revision)],
    revision,
    healthcheck: "CMD /healthy",
  };
}

/** A folder with a compose file, and the stand-in as `docker`. */
function openHost(registry: readonly Image[], project: object = COMPOSE, composeFile = "compose.yaml") {
  const root = mkdtempSync(join(tmpdir(), "greenlight-docker-"));
  const folder = join(root, "shop");
  mkdirSync(join(folder, "deploy"), { recursive: true });
  mkdirSync(join(root, "bin"));
  writeFileSync(join(folder, composeFile), JSON.stringify(project));
  const world = join(root, "world.json");
  writeFileSync(world, JSON.stringify({ registry: [...registry], images: [], containers: [], calls: [] } satisfies World));
  const standIn = join(import.meta.dirname, "docker-stand-in.mjs");
  writeFileSync(join(root, "bin", "docker"), `#!/bin/sh\nexec '${process.execPath}' '${standIn}' "$@"\n`);
  chmodSync(join(root, "bin", "docker"), 0o755);
  const env = { PATH: `${join(root, "bin")}:/usr/bin:/bin`, DOCKER_WORLD: world };
  const read = (): World => JSON.parse(readFileSync(world, "utf8"));
  let said = "";
  const run = (revision: Sha, step: StepName, recipe = RECIPE, tested?: string): string => {
    const [program = "", ...words] = dockerCommands(recipe, revision, tested)[step] ?? [];
    const ended = spawnSync(program, words, { cwd: folder, env, encoding: "utf8" });
    said += ended.stdout + ended.stderr;
    const last = ended.stderr.trim().split("\n").at(-1) ?? "";
    return ended.status === 0 ? `${step} 0` : `${step} ${ended.status}: ${last}`;
  };
  return {
    run,
    /** The recipe's steps in their order, up to the first that fails. */
    deploy(revision: Sha, recipe = RECIPE): readonly string[] {
      const ended: string[] = [];
      for (const step of ["pull", "check", "restart", "verify"] as const) {
        ended.push(run(revision, step, recipe));
        if (!ended.at(-1)?.endsWith(" 0")) break;
      }
      return ended;
    },
    said: () => said,
    file: (name: string) => readFileSync(join(folder, name), "utf8"),
    write: (name: string, text: string) => writeFileSync(join(folder, name), text),
    containers: () =>
      read()
        .containers.map(({ service, image }) => `${service} ${image.slice(7, 14)}`)
        .toSorted(),
    change(edit: (state: World) => unknown): void {
      const state = read();
      edit(state);
      writeFileSync(world, JSON.stringify(state));
    },
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
}
