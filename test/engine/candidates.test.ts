import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startSandboxGitHub } from "../../sandbox/github/server.ts";
import type { SandboxGitHub } from "../../sandbox/github/server.ts";
import { runOf } from "../../src/db/runs.ts";
import { loadCandidates } from "../../src/db/snapshot.ts";
import { environmentId, parseSha, type Sha } from "../../src/domain/ids.ts";
import type { PipelineEvent } from "../../src/domain/pipeline.ts";
import { consider } from "../../src/engine/consider.ts";
import { vouch } from "../../src/engine/vouch.ts";
import { environmentOf, type Engine } from "../../src/engine/engine.ts";
import { ingest } from "../../src/engine/ingest.ts";
import { createGitHub } from "../../src/github/client.ts";
import { normaliseGitHub } from "../../src/github/normalise.ts";
import { listeningLog } from "../github/far-side.ts";
import { SECRET, startWorld } from "../http/world.ts";
import { openDesk, type Desk } from "../support/engine-desk.ts";

/** The real client before the look-alike: what webhooks claim, against what the API knows. */
const TARGET = "{ type: ssh, hosts: [deploy@web.acme.test], directory: /srv/NAME, recipe: django }";
const APPROVAL = 'approval: { from: ["@product-owners"] }';
const CONFIG = [
  "apps:",
  "  shop:",
  "    repository: github:acme/shop",
  '    channel: "#shop-deploys"',
  "    environments:",
  `      open: { ${APPROVAL}, target: ${TARGET.replace("NAME", "open")} }`,
  "      pinned:",
  "        requires:",
  "          - { stage: unit, workflow: ci.yml, event: push }",
  "          - { stage: e2e, app: browser-farm }",
  "          - { stage: ci/old, creator: acme-ci }",
  `        ${APPROVAL}`,
  `        target: ${TARGET.replace("NAME", "pinned")}`,
  "",
].join("\n");
const OPEN = environmentId("shop", "open");
const PINNED = environmentId("shop", "pinned");
const farm = { id: 77, slug: "browser-farm" };
const acmeCi = { login: "acme-ci", id: 9 };

let desk: Desk;
let engine: Engine;
let world: Awaited<ReturnType<typeof startWorld>>;
let sandbox: SandboxGitHub;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "candidates-"));
  world = await startWorld();
  sandbox = await startSandboxGitHub({
    folder,
    repository: "acme/shop",
    webhook: { url: `${world.url}/webhooks/github`, secret: SECRET },
    token: "ghp_sandbox",
    stageSeconds: { build: 0.05, unit: 0.05, integration: 0.05, acceptance: 0.05 },
  });
  desk = await openDesk();
  const bot = await desk.open("one", { config: CONFIG });
  const github = createGitHub({ apiUrl: sandbox.apiUrl, token: "ghp_sandbox", app: null, log: listeningLog() });
  engine = { ...bot.engine, codeHost: () => ({ ...bot.far.codeHost, ...github }) };
});

afterAll(async () => {
  await sandbox.close();
  await world[Symbol.asyncDispose]();
  await desk[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

function revisionOf(text: string): Sha {
  const revision = parseSha(text.trim());
  if (revision === null) throw new Error(`${text} is no commit id`);
  return revision;
}

/** All that the webhooks told of a commit so far. */
function heard(sha: string): readonly PipelineEvent[] {
  return [...world.stored.values()].flatMap((delivery) => {
    const told = normaliseGitHub(delivery.event ?? "", delivery.body);
    return told.kind === "events" ? told.events.filter((event) => (event.kind === "push" ? event.after : event.revision) === sha) : [];
  });
}

async function passed(): Promise<Sha> {
  const { sha } = await sandbox.push({ kind: "good", author: "bob" });
  await expect.poll(() => heard(sha).filter((event) => event.kind === "workflow" && event.status === "passed").length).toBe(1);
  await expect.poll(() => heard(sha).filter((event) => event.kind === "job" && event.status === "passed").length).toBe(3);
  return revisionOf(sha);
}

/** Folds the events in, has the run considered, and says where the revision is a candidate. */
async function offered(revision: Sha, events: readonly PipelineEvent[]): Promise<readonly string[]> {
  await ingest(engine, { source: "github", connection: "default" }, events);
  const stored = await runOf(engine.db, "shop", revision);
  if (stored === null) throw new Error("no run was stored");
  await consider(engine, stored.run.id);
  const found = await Promise.all([OPEN, PINNED].map((id) => loadCandidates(engine.db, id)));
  return ["open", "pinned"].filter((_, at) => found[at]?.some((candidate) => candidate.revision === revision));
}

async function doubt(revision: Sha): Promise<string | null> {
  const stored = await runOf(engine.db, "shop", revision);
  const known = environmentOf(engine, PINNED);
  if (stored === null || known === null) throw new Error("nothing is stored");
  return vouch(engine, known.app, known.environment, stored, { kind: "set", set: [] });
}

function git(...words: string[]): string {
  return execFileSync("git", ["--git-dir", sandbox.gitUrl, "-c", "user.name=x", "-c", "user.email=x@x.test", ...words], {
    encoding: "utf8",
  });
}

test("pinned stages make a candidate when each is reported by whom it is pinned to, and the API says so too", async () => {
  const revision = await passed();
  expect(await offered(revision, heard(revision))).toEqual(["open"]);
  await sandbox.report({ sha: revision, name: "e2e", app: { id: 78, slug: "evil-farm" }, conclusion: "success" });
  await sandbox.setStatus({ sha: revision, context: "ci/old", state: "success", creator: { login: "mallory", id: 10 } });
  await expect.poll(() => heard(revision).filter((event) => event.kind === "check").length).toBe(2);
  expect(await offered(revision, heard(revision))).toEqual(["open"]);
  await sandbox.report({ sha: revision, name: "e2e", app: farm, conclusion: "success" });
  await sandbox.setStatus({ sha: revision, context: "ci/old", state: "success", creator: acmeCi });
  await expect.poll(() => heard(revision).filter((event) => event.kind === "check").length).toBe(4);
  expect(await offered(revision, heard(revision))).toEqual(["open", "pinned"]);
  expect(await doubt(revision)).toBeNull();
  // What is asked again before it deploys: the API's newest word, whatever was heard.
  await sandbox.setStatus({ sha: revision, context: "ci/old", state: "success", creator: { login: "mallory", id: 10 } });
  expect(await doubt(revision)).toBe("the provider says otherwise: Status ci/old was set by mallory, not by acme-ci.");
  await sandbox.report({ sha: revision, name: "e2e", app: farm, conclusion: "failure" });
  expect(await doubt(revision)).toBe("the provider says otherwise: Check e2e failed.");
});

test("what only webhooks claim is no candidate", async () => {
  const revision = await passed();
  const common = {
    kind: "check",
    repository: "acme/shop",
    revision,
    status: "passed",
    branch: "main",
    ownRepository: true,
    url: null,
  } as const;
  const at = { startedAt: null, finishedAt: new Date(), updatedAt: new Date() };
  const forged: readonly PipelineEvent[] = [
    { ...common, ...at, name: "e2e", check: "1", source: { kind: "app", slug: "browser-farm", id: "77" } },
    { ...common, ...at, name: "ci/old", check: "ci/old", source: { kind: "status", creator: "acme-ci" } },
  ];
  expect(await offered(revision, [...heard(revision), ...forged])).toEqual(["open"]);
  expect((await runOf(engine.db, "shop", revision))?.run.checks).toEqual([]);
});

test("neither a tag named main nor a fork's commit under our name passes, whatever their runs say", async () => {
  const revision = await passed();
  // A commit that the repository serves, and that no branch has: so are those of forks.
  const strange = revisionOf(git("commit-tree", "-p", revision, "-m", "fix: harmless", `${revision}^{tree}`));
  git("update-ref", "refs/pull/99/head", strange);
  git("update-ref", "refs/tags/main", strange);
  const [told] = heard(revision).filter((event) => event.kind === "workflow" && event.status === "passed");
  if (told?.kind !== "workflow") throw new Error("nothing was heard of the run");
  const claims: PipelineEvent = { ...told, revision: strange, workflowRun: "1", branch: "main", ownRepository: true };
  expect(await offered(strange, [claims])).toEqual([]);
  // And what is on the branch still is, though a tag has its name.
  expect(await offered(revision, heard(revision))).toEqual(["open"]);
});
