import { describe, expect, test } from "vitest";
import { imageFor, nameOf, pulledImage, revisionInTag, type KnownImage } from "../../src/domain/image.ts";
import { parseSha, type Sha } from "../../src/domain/ids.ts";
import { configOf } from "../support/engine-replica.ts";

const A = shaOf("a");
const IMAGE = "ghcr.io/acme/shop";
const [D1, D2] = [`sha256:${"1".repeat(64)}`, `sha256:${"2".repeat(64)}`];
const target =
  "target: { type: docker, hosts: [deploy@web-1.acme.test], directory: /srv/shop, image: 'ghcr.io/acme/shop:{revision}', services: [web] }";
const config = configOf(`apps:
  shop:
    repository: github:acme/shop
    channel: "#shop"
    environments:
      staging: { deploy: automatically, ${target.replace("/srv/shop", "/srv/staging")} }
      production: { after: { environment: staging, for: 0s }, deploy: automatically, ${target} }
`);

function shaOf(letter: string): Sha {
  const sha = parseSha(letter.repeat(40));
  if (sha === null) throw new Error("no revision");
  return sha;
}

function chosen(name: string, known: readonly Pick<KnownImage, "digest" | "from">[], image = IMAGE): string | null {
  const environment = config.apps[0]?.environments.find((one) => one.name === name);
  if (environment === undefined) throw new Error(`no ${name}`);
  const choice = imageFor(
    environment,
    known.map((one) => ({ ...one, image, revision: A })),
    A,
  );
  return choice.kind === "choice" ? choice.digest : choice.because;
}

const ran = (digest: string) => ({ digest, from: "ran" as const });
const told = (digest: string) => ({ digest, from: "registry" as const });
const [S1, S2] = ["sha256:111111111111", "sha256:222222222222"];

describe("which image an environment gets", () => {
  test.each([
    { name: "nobody told: each server resolves the tag", where: "production", known: [], gets: null },
    { name: "what ran before, though it was built again since", where: "production", known: [ran(D1), told(D1), told(D2)], gets: D1 },
    { name: "what ran before, where no registry tells", where: "production", known: [ran(D1), ran(D1)], gets: D1 },
    { name: "what the registry told of, where nothing comes before", where: "staging", known: [told(D2)], gets: D2 },
    { name: "what ran elsewhere is nothing to the first one", where: "staging", known: [ran(D1)], gets: null },
    {
      name: "several builds, and none was tested",
      where: "staging",
      known: [told(D1), told(D2)],
      gets: `Its image was built more than once: ${S1} and ${S2}. Nobody can tell which one was tested.`,
    },
    {
      name: "servers that ran different ones",
      where: "production",
      known: [ran(D1), ran(D2)],
      gets: `staging ran different images of it: ${S1} and ${S2}.`,
    },
    {
      name: "a server that says it ran what the registry never had",
      where: "production",
      known: [ran(D2), told(D1)],
      gets: `staging ran ${S2}, and the registry told of ${S1} for this version.`,
    },
  ])("$name", ({ where, known, gets }) => expect(chosen(where, known)).toBe(gets));

  test("another image of the same name at another registry is nothing to it", () => {
    expect(chosen("production", [ran(D1), told(D2)], "mirror.test/shop")).toBeNull();
  });
});

test("names and tags are read as Docker does", () => {
  expect(["host:5000/shop", "host:5000/shop:v1", "shop:v1@sha256:1", "shop"].map(nameOf)).toEqual([
    "host:5000/shop",
    "host:5000/shop",
    "shop",
    "shop",
  ]);
  expect(revisionInTag("shop:{revision}", A)).toBe(A);
  expect(revisionInTag("host:5000/shop:v-{revision}-x", `v-${A}-x`)).toBe(A);
  for (const tag of [null, "latest", `v-${A}`, `${A}0`, A.toUpperCase()]) expect(revisionInTag("shop:{revision}", tag)).toBeNull();
});

test("of what a server prints only the strict form of its last line counts", () => {
  expect(pulledImage(`image x@sha256:1\nimage ${IMAGE}@${D1}\n`)).toEqual({ image: IMAGE, digest: D1 });
  const others = ["", `image ${IMAGE}@${D1}; rm -rf /`, `images ${IMAGE}@${D1}`, `image $(id)@${D1}`, `image ${IMAGE}@${D1}0`];
  expect(others.map(pulledImage)).toEqual(others.map(() => null));
});
