import { hashOf } from "../domain/canonical.ts";
import { liveSet, setOr } from "../domain/companion.ts";
import { liveRevision } from "../domain/environment.ts";
import { parseSha } from "../domain/ids.ts";
import { deployPlan } from "../domain/deploy-plan.ts";
import { shownMigrations } from "../domain/django/record.ts";
import type { Plan } from "../domain/plan.ts";
import { loadCandidates, loadSnapshot } from "../db/snapshot.ts";
import { pendingMigrations } from "../engine/pending.ts";
import type { Opened } from "../main.ts";
import { EXIT } from "./exit.ts";
import { exitCodeOf } from "./session.ts";

export type PlanWanted = { readonly app: string; readonly environment: string; readonly ref: string | null };

/** What would be run, in order, and the hash that an approval would be bound to. Runs nothing. */
export function plan(wanted: PlanWanted): Promise<number> {
  return exitCodeOf((opened) => show(opened, wanted));
}

async function show({ engine }: Opened, wanted: PlanWanted): Promise<number> {
  const app = engine.config.apps.find((candidate) => candidate.name === wanted.app);
  const environment = app?.environments.find((candidate) => candidate.name === wanted.environment);
  if (app === undefined || environment === undefined) return no(`${wanted.app} ${wanted.environment} is not in the configuration.`);
  const asked =
    wanted.ref === null
      ? ((await loadCandidates(engine.db, environment.id))[0]?.revision ?? null)
      : (parseSha(wanted.ref) ?? (await engine.codeHost(app.repository).resolve(app.repository.path, wanted.ref)));
  if (asked === null)
    return no(
      wanted.ref === null
        ? "There is no candidate yet; name a branch, tag or commit."
        : `The code host knows nothing called ${wanted.ref}.`,
    );
  const snapshot = await loadSnapshot(engine.db, environment, engine.config);
  const live = liveRevision(snapshot)?.revision ?? null;
  const set = setOr([], snapshot, asked);
  const range = { live, revision: asked, set, before: liveSet(snapshot) };
  const found = (await pendingMigrations(engine, { app, environment }, range)) ?? undefined;
  const planned = deployPlan(snapshot, {
    revision: asked,
    companions: set,
    migrations: shownMigrations(found),
  });
  process.stdout.write(
    `${planText(planned)}\n${(planned.migrations ?? []).map(({ name, class: one }) => `migration ${name}: ${one}\n`).join("")}`,
  );
  return EXIT.ok;
}

/** Steps that run side by side share a number; a step of a folder below the host's directory names it. */
export function planText(shown: Plan): string {
  const phases = [...new Set(shown.steps.map((step) => step.phase))];
  const width = Math.max(13, ...shown.steps.map((step) => step.id.length));
  const lines = shown.steps.map(
    (step) =>
      `${String(phases.indexOf(step.phase) + 1).padStart(3)}  ${step.host.padEnd(16)} ${step.id.padEnd(width)} ${commandText(step.argv)}${step.cwd === null ? "" : `  (in ${step.cwd})`}`,
  );
  return [
    `${shown.app} to ${shown.environment}: ${shown.revision}, ${shown.from === null ? "the first deployment" : `replaces ${shown.from}`}`,
    ...lines,
    `plan ${hashOf(shown)}`,
  ].join("\n");
}

/** A script is named by its first line and its words; the whole of it is in the recipe. */
function commandText(argv: readonly string[]): string {
  return argv
    .map((word) => (word.includes("\n") ? `'${word.split("\n")[0]} ...'` : /^[\w./:@=-]+$/u.test(word) ? word : `'${word}'`))
    .join(" ");
}

function no(says: string): number {
  process.stderr.write(`${says}\n`);
  return EXIT.no;
}
