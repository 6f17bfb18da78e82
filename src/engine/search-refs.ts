import { setTimeout as pause } from "node:timers/promises";
import { recentRuns, type StoredRun } from "../db/runs.ts";
import { loadCandidates, loadLive } from "../db/snapshot.ts";
import { findApp } from "../domain/config.ts";
import { shortSha, type Sha } from "../domain/ids.ts";
import type { RefChoice, RefChoices } from "../domain/ref-choices.ts";
import type { FoundRefs } from "../domain/found-refs.ts";
import type { Engine } from "./engine.ts";

/** Slack waits 3 s for options (docs.slack.dev, block_suggestion): the code host gets half of it. */
const SEARCH_MS = 1_500;
/** Of each of the four groups; together they are the 100 that Slack shows. */
const EACH = 25;
/** Runs whose titles are searched. */
const RUNS = 200;

/** What may be asked for by this text: candidates and commits from the database, branches, tags and more commits from the code host. */
export async function searchRefs(
  engine: Engine,
  wanted: { readonly app: string; readonly environment: string; readonly text: string },
): Promise<RefChoices> {
  const app = findApp(engine.config, wanted.app);
  const environment = app?.environments.find((candidate) => candidate.name === wanted.environment);
  if (app === undefined || environment === undefined) return { candidates: [], branches: [], tags: [], commits: [], away: false };
  const asked = within(SEARCH_MS, engine.codeHost(app.repository).search(app.repository.path, wanted.text));
  const [candidates, live, runs] = await Promise.all([
    loadCandidates(engine.db, environment.id),
    loadLive(engine.db, environment.id),
    recentRuns(engine.db, app.name, RUNS),
  ]);
  const titles = titlesOf(runs);
  const passed = new Set(candidates.map((candidate) => candidate.revision));
  const mine = candidates.map(({ revision }, index) => {
    const note = revision === live[0]?.revision ? "live now" : index === 0 ? "newest that passed" : null;
    return choiceOf(revision, titles.get(revision), note);
  });
  const stored = runs
    .filter(({ run }) => !passed.has(run.revision))
    .map(({ run }) => choiceOf(run.revision, titles.get(run.revision), run.branch));
  const told = await asked;
  const more = (told?.commits ?? [])
    .filter(({ revision }) => !passed.has(revision))
    .map(({ revision, title }) => choiceOf(revision, title, null));
  const holds = matches(wanted.text);
  return {
    candidates: mine.filter(holds).slice(0, EACH),
    branches: named("heads", told?.branches ?? []),
    tags: named("tags", told?.tags ?? []),
    commits: unique([...stored.filter(holds), ...more]).slice(0, EACH),
    away: told === null || !told.complete,
  };
}

/** Null: it did not answer in time, or cannot be asked at all. */
async function within(ms: number, search: Promise<FoundRefs | null>): Promise<FoundRefs | null> {
  const timer = new AbortController();
  try {
    return await Promise.race([search, pause(ms, null, { signal: timer.signal, ref: false })]);
  } catch {
    return null;
  } finally {
    timer.abort();
  }
}

function titlesOf(runs: readonly StoredRun[]): ReadonlyMap<Sha, string> {
  return new Map(
    runs.flatMap((stored) =>
      [...(stored.changes?.changes ?? []), ...(stored.run.push?.changes ?? [])].map(({ revision, title }) => [revision, title]),
    ),
  );
}

function choiceOf(revision: Sha, title: string | undefined, note: string | null): RefChoice {
  const short = shortSha(revision);
  return { value: revision, name: title ?? short, note: note === null ? short : `${short}, ${note}` };
}

function named(kind: "heads" | "tags", names: readonly string[]): readonly RefChoice[] {
  return names.slice(0, EACH).map((name) => ({ value: `refs/${kind}/${name}`, name, note: null }));
}

function matches(text: string): (choice: RefChoice) => boolean {
  const wanted = text.trim().toLowerCase();
  return ({ value, name }) => name.toLowerCase().includes(wanted) || value.startsWith(wanted);
}

function unique(choices: readonly RefChoice[]): readonly RefChoice[] {
  return [...new Map(choices.toReversed().map((choice) => [choice.value, choice])).values()].toReversed();
}
