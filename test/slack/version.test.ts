import { expect, test } from "vitest";
import { parseSha, type Sha } from "../../src/domain/ids.ts";
import { checkBlocks } from "../../sandbox/slack/block-kit/validate.ts";
import { renderCard } from "../../src/slack/render/card.ts";
import { plainVersion, version } from "../../src/slack/render/version.ts";
import { context, everyCard } from "./cards.ts";

function shaOf(letter: string): Sha {
  const sha = parseSha(letter.repeat(40));
  if (sha === null) throw new Error(`${letter} makes no revision`);
  return sha;
}

const theme = { repository: "acme/shop-theme", directory: "theme", origin: "git@git.test:acme/shop-theme.git", revision: shaOf("b") };

test("a version is said with what comes with it, and alone where nothing does", () => {
  expect(version({ revision: shaOf("a") })).toBe("`aaaaaaa`");
  expect(version({ revision: shaOf("a"), companions: [theme] })).toBe("`aaaaaaa` with acme/shop-theme bbbbbbb");
  expect(plainVersion({ revision: shaOf("a"), companions: [theme, { ...theme, repository: "acme/texts" }] })).toBe(
    "aaaaaaa with acme/shop-theme bbbbbbb and acme/texts bbbbbbb",
  );
});

test("an approval names the other repositories: which revision comes, and whose each change is", () => {
  const card = everyCard()["approval"];
  if (card?.kind !== "deployment") throw new Error("no approval card");
  const { deployment } = card;
  const [change] = deployment.changes.changes;
  if (change === undefined) throw new Error("nothing changes");
  const changes = { ...deployment.changes, changes: [{ ...change, title: "feat: warmer colours (#7)", repository: "acme/shop-theme" }] };
  const plan = { ...deployment.plan, companions: [theme] };
  const drawn = (from: Sha | null) => renderCard({ ...card, deployment: { ...deployment, from, changes, plan } }, context);
  const other = drawn(shaOf("c"));
  expect(checkBlocks(other.blocks, "message", "/blocks")).toEqual([]);
  const short = deployment.revision.slice(0, 7);
  expect(other.text).toContain("acme/shop-theme: Warmer colours");
  expect(JSON.stringify(other.blocks)).toContain(`\`${short}\` with acme/shop-theme bbbbbbb replaces \`ccccccc\``);
  const same = JSON.stringify(drawn(deployment.revision).blocks);
  expect(same).toMatch(new RegExp(`\`${short}\` stays.*; it comes with acme/shop-theme bbbbbbb now`));
});
