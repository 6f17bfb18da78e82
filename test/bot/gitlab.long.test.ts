import { expect, test } from "vitest";
import { jobHook, pipelineHook, pushHook } from "../gitlab/hooks.ts";
import { createProject } from "../gitlab/project.ts";
import { startGitLab, TOKEN } from "../gitlab/rest.ts";
import { deliver, SECRET } from "../gitlab/world.ts";
import { openBotWorld } from "../support/bot-world.ts";
import { until } from "../support/until.ts";

const PATH = "acme/web/shop";
const YES = ["approve", "shop", "production", "--override", "--reason", "in a test"];

test("the bot follows GitLab to the server, tells it, and keeps none of its variables", async () => {
  await using world = await openBotWorld();
  const { sha } = await world.github.push({ kind: "good", author: "bob" });
  const first = world.github.initialSha;
  const project = createProject(PATH);
  project.commits.set(first, { id: first, parents: [], message: "First", author: "Ann" });
  project.commits.set(sha, { id: sha, parents: [first], message: "Keep the coupon", author: "Ann" });
  project.branches.set("main", sha);
  await using gitlab = await startGitLab(project);
  world.configure(world.config().replace("github:acme/shop", `gitlab:${PATH}`));
  const env = { GITLAB_WEBHOOK_SECRET: SECRET, GITLAB_TOKEN: TOKEN, GITLAB_API_URL: gitlab.url };
  const bot = await world.bot({ env });
  const pipeline = project.run({
    sha,
    jobs: [
      { name: "build", stage: "prepare" },
      { name: "deploy by hand", stage: "deploy", allowFailure: true },
    ],
  });
  project.advance(pipeline, "deploy by hand", "manual");
  const build = project.advance(pipeline, "build", "success");
  for (const body of [pushHook(project, sha), jobHook(project, pipeline, build), pipelineHook(project, pipeline)]) {
    expect(await deliver(bot.url, JSON.stringify(body))).toMatchObject({ status: 202, json: { result: "accepted" } });
  }
  expect((await deliver(bot.url, "{}", { headers: { "x-gitlab-token": "another" } })).status).toBe(401);
  await world.settled("awaiting_approval");
  await until(
    () => /Approve & Deploy/u.test(JSON.stringify(world.cards())) && /Keep the coupon/u.test(JSON.stringify(world.cards())),
    () => `no card asks: ${JSON.stringify(world.cards())}`,
    60_000,
  );
  expect(await world.cli(YES, env)).toMatchObject({ code: 0 });
  expect(await world.settled("succeeded_unverified", "failed", "needs_attention")).toBe("succeeded_unverified");
  expect(world.headOf("web-1")).toBe(sha);
  await until(() => project.deployments.some(({ status }) => status === "success"), bot.said, 60_000);
  const stored = await world.rows<{ body: string }>("select convert_from(body, 'UTF8') as body from deliveries where source = 'gitlab'");
  expect(stored).toHaveLength(3);
  expect(`${JSON.stringify(stored)} ${bot.said()} ${JSON.stringify(world.cards())}`).not.toMatch(
    new RegExp(`planted-secret-value|${TOKEN}|${SECRET}`),
  );
});
