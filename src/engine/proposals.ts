import { addNotice } from "../db/notices.ts";
import type { App } from "../domain/config.ts";
import type { RunEvent, WorkflowEvent } from "../domain/pipeline.ts";
import { PROPOSALS } from "../domain/pipeline/watched.ts";
import type { Engine } from "./engine.ts";
import { slackPerson } from "./people.ts";

/**
 * A run of a pull or merge request makes no card. When it failed, whoever set it off is told privately, once an attempt, unless they
 * muted the app; whoever is nobody in Slack is not told.
 */
export async function tellProposers(engine: Engine, app: App, events: readonly RunEvent[]): Promise<void> {
  for (const event of events) {
    if (event.kind !== "workflow" || event.status !== "failed" || !PROPOSALS.has(event.trigger)) continue;
    const by = event.by ?? null;
    const person = by === null ? null : await slackPerson(engine, app.repository.kind, by).catch(() => null);
    if (person === null || person.slackId === null) continue;
    const notice = { id: engine.newId(), to: person.slackId, app: app.name, key: keyOf(event), text: textOf(app, event), deployment: null };
    await engine.db.transaction((tx) => addNotice(tx, { ...notice, at: engine.clock() }));
  }
}

/** Of one run and attempt, whichever apps share the repository. */
function keyOf({ repository, workflowRun, attempt }: WorkflowEvent): string {
  return `proposal:${repository.toLowerCase()}:${workflowRun}:${attempt}`;
}

function textOf(app: App, { name, branch, url, trigger }: WorkflowEvent): string {
  const what = trigger.includes("merge") ? "merge request" : "pull request";
  const where = branch === null ? "" : ` on ${branch}`;
  return `CI failed for your ${what} of ${app.name}: ${name}${where}.${url === null ? "" : ` ${url}`}`;
}
