import type { JsonObject } from "../loopback.ts";
import type { Deliveries } from "./deliveries.ts";
import type { Deployment } from "./deployments.ts";
import type { GitCommit } from "./git.ts";
import { account, botAccount, people } from "./people.ts";
import { fullRepository, organization } from "./repository.ts";
import { jobPayload, runPayload, workflowPayload } from "./run-payload.ts";
import type { Actions, ActionsChange, JobName, StageSeconds } from "./workflows.ts";
import { createActions, workflows } from "./workflows.ts";
import type { Merged, World } from "./world.ts";
import { commitAt } from "./world.ts";

/** How long after its CI an old commit passed its acceptance tests. */
const ACCEPTANCE_LATER_MS = 600_000;

/** The repository's CI: what starts when, and the webhooks that tell of it. The history was green. */
export function connectCi(options: {
  world: World;
  deliveries: Deliveries;
  stageSeconds: StageSeconds;
  history: readonly Merged[];
  log: (line: string) => void;
}) {
  const { world, history } = options;
  // A webhook is written at once, in the order of events; so the heads of runs are kept at hand.
  const heads = new Map<string, GitCommit>(history.map(({ commit }) => [commit.sha, commit]));
  const actions: Actions = createActions({
    stageSeconds: options.stageSeconds,
    newId: world.newId,
    changed: (change) => {
      const head = heads.get(change.run.headSha);
      if (head !== undefined)
        options.deliveries.send(change.kind === "run" ? "workflow_run" : "workflow_job", payloadOf(world, change, head));
    },
  });
  for (const merged of history) {
    const { date } = merged.commit;
    actions.remember({ ...orderOf(merged), workflow: workflows.ci }, date);
    actions.remember({ ...orderOf(merged), workflow: workflows.acceptance }, new Date(date.getTime() + ACCEPTANCE_LATER_MS));
  }

  function startCi(merged: Merged, failing: JobName | null) {
    heads.set(merged.commit.sha, merged.commit);
    return actions.start({ ...orderOf(merged), workflow: workflows.ci }, failing);
  }

  /** The acceptance tests start when something is deployed on staging, as acceptance.yml says. */
  async function startAcceptance(deployment: Deployment): Promise<void> {
    if (deployment.environment !== "staging") return;
    const head = await commitAt(world, deployment.sha);
    heads.set(head.sha, head);
    actions.start({ workflow: workflows.acceptance, headSha: head.sha, title: head.message.split("\n")[0] ?? "", actor: botAccount });
  }
  const deployed = (deployment: Deployment) =>
    void startAcceptance(deployment).catch((fault: unknown) => options.log(`acceptance did not start: ${String(fault)}`));
  return { actions, startCi, deployed };
}

function payloadOf(world: World, change: ActionsChange, head: GitCommit): JsonObject {
  const { site } = world;
  const around = {
    repository: fullRepository(site, head.date),
    organization: organization(site),
    sender: account(site.webUrl, site.apiUrl, change.run.actor),
  };
  if (change.kind === "job") return { action: change.job.status, workflow_job: jobPayload(site, change.run, change.job), ...around };
  const run = { workflow_run: runPayload(site, change.run, head), workflow: workflowPayload(site, change.run.workflow) };
  return { action: change.action, ...run, ...around };
}

function orderOf({ commit, pull }: Merged) {
  const actor = Object.values(people).find((person) => person.login === pull.login) ?? people.bob;
  return { headSha: commit.sha, title: `${pull.title} (#${pull.number})`, actor };
}
