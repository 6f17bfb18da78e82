import type { Answer, Route, Visit } from "../loopback.ts";
import { escapeHtml, html } from "../loopback.ts";
import { pullPage } from "./commit-payload.ts";
import type { GitCommit } from "./git.ts";
import { repositoryPage } from "./repository.ts";
import type { Actions, Job, Run } from "./workflows.ts";
import { stepsOf } from "./workflows.ts";
import type { World } from "./world.ts";
import { commitAt } from "./world.ts";

/** The pages that links in Slack lead to: commits, comparisons, pull requests and runs, for a person's eyes. */
export function pageRoutes(world: World, actions: Actions): Route[] {
  const root = `/${world.site.owner}/${world.site.name}`;
  const page = (path: string, answer: Route["answer"]): Route => ({ method: "GET", path: root + path, answer });
  return [
    page("", async () => layout(world, "Commits", commitList(world, (await world.git.commits("main")).toReversed()))),
    page("/commit/:sha", (visit) => commitView(world, visit)),
    page("/commits/:sha", (visit) => commitView(world, visit)),
    page("/compare/:range", (visit) => compareView(world, visit)),
    page("/pull/:number", (visit) => pullView(world, visit)),
    page("/actions", () =>
      layout(
        world,
        "Runs",
        actions
          .runs()
          .toReversed()
          .map((run) => runLine(world, run))
          .join(""),
      ),
    ),
    page("/actions/runs/:run", (visit) => runView(world, actions, visit)),
    page("/actions/runs/:run/job/:job", (visit) => runView(world, actions, visit)),
    page("/blob/:revision/:path*", (visit) => fileView(world, visit)),
  ];
}

async function commitView(world: World, visit: Visit): Promise<Answer> {
  const sha = await world.git.resolve(visit.params["sha"] ?? "");
  if (sha === null) return missing(world, "commit");
  const commit = await commitAt(world, sha);
  const diff = await world.git.diff(commit.parents[0] ?? null, sha);
  return layout(
    world,
    firstLine(commit),
    `<p>${by(commit)} <code>${sha}</code></p><pre>${escapeHtml(commit.message)}</pre>${coloured(diff)}`,
  );
}

async function compareView(world: World, visit: Visit): Promise<Answer> {
  const [from = "", to = ""] = (visit.params["range"] ?? "").split("...");
  const [base, head] = await Promise.all([world.git.resolve(from), world.git.resolve(to)]);
  if (base === null || head === null) return missing(world, "comparison");
  const commits = await world.git.commits(`${base}..${head}`);
  const title = `Comparing ${base.slice(0, 7)}...${head.slice(0, 7)}`;
  return layout(world, title, commitList(world, commits) + coloured(await world.git.diff(base, head)));
}

async function pullView(world: World, visit: Visit): Promise<Answer> {
  const pull = world.pulls.find((one) => String(one.number) === visit.params["number"]);
  if (pull === undefined) return missing(world, "pull request");
  const commit = await commitAt(world, pull.sha);
  const text = `<p>Merged by ${escapeHtml(pull.login)} into main from <code>${escapeHtml(pull.branch)}</code></p>${commitList(world, [commit])}`;
  return layout(world, `${pull.title} #${pull.number}`, text + coloured(await world.git.diff(commit.parents[0] ?? null, pull.sha)));
}

function runView(world: World, actions: Actions, visit: Visit): Answer {
  const run = actions.runs().find((one) => String(one.id) === visit.params["run"]);
  if (run === undefined) return missing(world, "run");
  const jobs = run.jobs.map((job) => jobView(job, String(job.id) === visit.params["job"])).join("");
  return layout(world, `${run.workflow.name} #${run.number}`, runLine(world, run) + jobs);
}

async function fileView(world: World, visit: Visit): Promise<Answer> {
  const revision = await world.git.resolve(visit.params["revision"] ?? "");
  const text = revision === null ? null : await world.git.fileAt(revision, visit.params["path"] ?? "");
  return text === null ? missing(world, "file") : layout(world, visit.params["path"] ?? "", `<pre>${escapeHtml(text)}</pre>`);
}

function jobView(job: Job, chosen: boolean): string {
  const steps = stepsOf[job.name].map((step) => `<li>${escapeHtml(step)}</li>`).join("");
  return `<details${chosen ? " open" : ""}><summary>${mark(job.conclusion ?? job.status)} ${escapeHtml(job.name)}</summary><ol>${steps}</ol></details>`;
}

function runLine(world: World, run: Run): string {
  const link = `${repositoryPage(world.site)}/actions/runs/${run.id}`;
  return `<p>${mark(run.conclusion ?? run.status)} <a href="${link}">${run.workflow.name} #${run.number}</a> ${escapeHtml(run.title)} <code>${run.headSha.slice(0, 7)}</code></p>`;
}

function commitList(world: World, commits: readonly GitCommit[]): string {
  const items = commits.map((commit) => {
    const link = `${repositoryPage(world.site)}/commit/${commit.sha}`;
    const pull = world.pulls.find((one) => one.sha === commit.sha);
    const number = pull === undefined ? "" : ` <a href="${pullPage(world.site, pull.number)}">#${pull.number}</a>`;
    return `<li><a href="${link}"><code>${commit.sha.slice(0, 7)}</code></a> ${escapeHtml(firstLine(commit))} <small>${by(commit)}</small>${number}</li>`;
  });
  return `<ul>${items.join("")}</ul>`;
}

function coloured(diff: string): string {
  const rows = diff.split("\n").map((text) => `<span class="${diffClass(text)}">${escapeHtml(text)}</span>`);
  return `<pre class="diff">${rows.join("\n")}</pre>`;
}

const diffClass = (text: string) => (text.startsWith("+") ? "add" : text.startsWith("-") ? "del" : text.startsWith("@@") ? "at" : "same");
const by = (commit: GitCommit) => `${escapeHtml(commit.author.name)}, ${commit.date.toISOString().slice(0, 16).replace("T", " ")} UTC`;
const firstLine = (commit: GitCommit) => commit.message.split("\n")[0] ?? "";
const mark = (state: string) => (state === "success" ? "✅" : state === "failure" ? "❌" : state === "in_progress" ? "🔄" : "⏳");
const missing = (world: World, what: string) => layout(world, `No such ${what}`, "", 404);

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1f2328}a{color:#0969da;text-decoration:none}
nav{border-bottom:1px solid #d1d9e0;padding-bottom:.5rem}pre{background:#f6f8fa;padding:1rem;overflow:auto}.add{color:#116329}.del{color:#a40e26}.at{color:#8250df}small{color:#59636e}`;

function layout(world: World, title: string, body: string, status = 200): Answer {
  const root = repositoryPage(world.site);
  const name = `${world.site.owner}/${world.site.name}`;
  const nav = `<nav><a href="${root}"><b>${name}</b></a> · <a href="${root}/actions">Runs</a></nav>`;
  const head = `<meta charset="utf-8"><title>${escapeHtml(title)} · ${name}</title><style>${STYLE}</style>`;
  return html(`<!doctype html><html lang="en">${head}${nav}<h1>${escapeHtml(title)}</h1>${body}</html>`, status);
}
