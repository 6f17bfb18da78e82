import { runsOf } from "../db/home-facts.ts";
import { shownCardOf } from "../db/shown.ts";
import type { App, Environment } from "../domain/config.ts";
import type { LiveHost } from "../domain/environment.ts";
import type { HomeLook } from "../domain/home.ts";
import { environmentId } from "../domain/ids.ts";
import { isLookDue } from "../domain/validation.ts";
import type { HomeReader } from "./home-reader.ts";
import type { LiveEverywhere } from "./home-places.ts";
import { lookedAt } from "./looked-at.ts";
import { validationOfRun } from "./validation-view.ts";

/** Where this person is asked to look: what an environment needs people's word for is live on the one before, and nobody gave it. */
export async function looksDue(reader: HomeReader, live: LiveEverywhere): Promise<readonly HomeLook[]> {
  const { engine } = reader;
  const wanted = engine.config.apps.flatMap((app) => {
    const found = subjectOf(app, live);
    return found === null ? [] : [{ app, ...found }];
  });
  const runOf = await runsOf(
    engine.db,
    wanted.map(({ app, host }) => ({ app: app.name, revision: host.revision })),
  );
  const due: HomeLook[] = [];
  for (const { app, next, here, host } of wanted) {
    const stored = runOf(app.name, host.revision);
    if (stored === null || !(await isAsked(reader, { app, next, here }, host))) continue;
    const view = await validationOfRun(engine, app, stored);
    if (view === null || !isLookDue(view)) continue;
    const at = host.deploymentId === null ? null : await shownCardOf(engine.db, host.deploymentId);
    const changes = stored.changes ?? {
      changes: stored.run.push?.changes ?? [],
      complete: false,
      behind: 0,
      compareUrl: null,
      authors: [],
    };
    due.push({ kind: "look", app: app.name, view, changes, at });
  }
  return due;
}

/** What runs on the environment before, unless the next one runs it already: nobody has to look at that. */
function subjectOf(
  app: App,
  live: LiveEverywhere,
): { readonly next: Environment; readonly here: Environment; readonly host: LiveHost } | null {
  const next = app.environments.find((environment) => environment.needsValidation && environment.after !== null);
  const here = app.environments.find((environment) => environment.name === next?.after?.environment);
  if (next === undefined || here === undefined) return null;
  const [host] = live.get(here.id) ?? [];
  const there = live.get(environmentId(app.name, next.name)) ?? [];
  if (host === undefined || (there.length > 0 && there.every((other) => other.revision === host.revision))) return null;
  return { next, here, host };
}

/** Whoever decides about the next environment, and where nobody does everybody; never who wrote it. */
async function isAsked(
  reader: HomeReader,
  place: { readonly app: App; readonly next: Environment; readonly here: Environment },
  host: LiveHost,
): Promise<boolean> {
  const { app, next, here } = place;
  const standing = await reader.standing(next);
  if (next.release.mode === "approval" && !standing.approver && standing.standsInFor.length === 0) return false;
  if ((await reader.may(["validate"], here, null)).length === 0) return false;
  const { authors } = await lookedAt(reader.engine, { app, environment: here }, { revision: host.revision, actor: standing.actor });
  return !authors.some((author) => author.slackId === reader.id);
}
