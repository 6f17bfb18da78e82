import { expect, test } from "vitest";
import type { CompanionRevision } from "../../src/domain/companion.ts";
import { wayKey } from "../../src/domain/way-back.ts";
import { parseDeploymentId, parseSha, type Sha } from "../../src/domain/ids.ts";
import { checkBlocks } from "../../sandbox/slack/block-kit/validate.ts";
import { renderCard } from "../../src/slack/render/card.ts";
import { renderDiff } from "../../src/slack/render/diff.ts";
import { renderRollBackView } from "../../src/slack/render/roll-back-view.ts";
import { plainVersion, version } from "../../src/slack/render/version.ts";
import { context } from "./shop.ts";
import { everyCard } from "./cards.ts";
import { CALM, diff } from "./sayings.ts";

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

test("a form to roll back tells two sets of one revision apart, within what Slack shows and takes", () => {
  const way = (companions: readonly CompanionRevision[]) => ({
    revision: shaOf("a"),
    companions,
    title: "Faster product search",
    healthySince: null,
  });
  const ways = [way([theme]), way([{ ...theme, revision: shaOf("c") }])];
  const id = parseDeploymentId("00000000-0000-7000-8000-000000000001");
  if (id === null) throw new Error("no id");
  const pressed = { deployment: id, counter: 1, digest: "0123456789abcdef" };
  const place = { app: "shop", environment: "production", number: 4, revision: shaOf("d"), against: null, running: false };
  const view = renderRollBackView({ pressed, ...place, ways }, { data: "{}", to: null });
  expect(checkBlocks(view.blocks, "modal", "/blocks")).toEqual([]);
  const drawn = JSON.stringify(view);
  expect(drawn).toContain("aaaaaaa with shop-theme bbbbbbb");
  expect(drawn).toContain("aaaaaaa with shop-theme ccccccc Faster");
  for (const one of ways) expect(drawn).toContain(`"value":"${wayKey(one)}"`);
});

test("the difference to what is live says whose each change is, and links the comparison of each repository", () => {
  const answer = diff(CALM);
  const [part] = answer.environments;
  if (part === undefined || part.changes === null) throw new Error("nothing changes");
  const titles = [
    { title: "feat: faster search", author: "Ann", url: null },
    { title: "fix: warmer colours (#7)", repository: "acme/shop-theme", author: "Bob", url: null },
  ];
  const comparisons = [{ repository: "acme/shop-theme", url: "https://git.acme.test/shop-theme/compare/b...c" }];
  const { text, blocks } = renderDiff({ ...answer, environments: [{ ...part, changes: { ...part.changes, titles, comparisons } }] });
  expect(text).toContain("• acme/shop-theme: Warmer colours, Bob");
  expect(text).toContain("• Faster search, Ann");
  expect(JSON.stringify(blocks)).toContain("<https://git.acme.test/shop-theme/compare/b...c|Compare acme/shop-theme>");
});
