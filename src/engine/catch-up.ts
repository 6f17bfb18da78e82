import { touchRun } from "../db/cards.ts";
import { hasRuns, recordAsked, runsSince } from "../db/asked-runs.ts";
import { passedAt } from "../db/passed.ts";
import { lockRun, runOf } from "../db/runs.ts";
import { sourcesOf } from "../domain/companion.ts";
import type { App } from "../domain/config.ts";
import type { RunId, Sha } from "../domain/ids.ts";
import { emptyRun } from "../domain/pipeline.ts";
import { isOpen, isQuiet } from "../domain/quiet.ts";
import { withBound } from "./acceptance.ts";
import type { Engine } from "./engine.ts";
import { concernsBranch, isGoingOn } from "./ingest.ts";
import { layOver } from "./lay-over.ts";

/** Runs that are asked for in one round, newest first, of one app and of all at one account: it grants some thousand requests an hour. */
const MOST_RUNS = 20;
const MOST_AT_ONE = 100;
const DAY_MS = 86_400_000;
/** Older runs are not asked for any more: whoever waits that long in CI waits for a person there. */
const LOOK_BACK_MS = 7 * DAY_MS;

/** What people press and what is about to deploy asks, too: it finds at least so many left of an account's requests. */
const LEAVE = 200;

/**
 * Compares what is open here with what the code host shows: deliveries get lost while nobody listens, and are made only once. A code
 * host that does not answer changes nothing and is not asked for the rest of the round, but that it is silent is said of all its runs. One
 * run that it cannot show is passed over.
 */
export async function catchUp(engine: Engine): Promise<void> {
  const accounts = new Map<string, Account>();
  for (const app of sourcesOf(engine.config.apps)) {
    const account = `${app.repository.kind} ${app.repository.connection}`;
    const { word, left } = accounts.get(account) ?? { word: "answers", left: MOST_AT_ONE };
    if (word === "spent" || left <= 0) continue;
    const told = await catchUpApp(engine, app, { most: Math.min(left, MOST_RUNS), answers: word === "answers" });
    accounts.set(account, { word: told.word, left: left - told.asked });
  }
}

/** `spent`: few of the requests that it grants are left. `left`: runs that it may still be asked about. */
type Account = { readonly word: "answers" | "silent" | "spent"; readonly left: number };

/** `asked`: about how many runs. */
async function catchUpApp(
  engine: Engine,
  app: App,
  { most, answers: before }: { readonly most: number; readonly answers: boolean },
): Promise<{ readonly word: Account["word"]; readonly asked: number }> {
  const now = engine.clock();
  const recent = await runsSince(engine.db, app.name, new Date(now.getTime() - LOOK_BACK_MS), MOST_RUNS * 10);
  const open = recent.filter(({ stored: { run, firstSeen } }) => concernsBranch(app, run) && isOpen(run, firstSeen, now)).slice(0, most);
  const host = engine.codeHost(app.repository);
  let [answers, asked] = [before, 0];
  for (const { stored, heard } of open) {
    if (engine.stopping.aborted) return { word: "spent", asked };
    // Said by the answers of this round: the rest is for the next one.
    if (answers && asked > 0 && host.left() < LEAVE) return { word: "spent", asked };
    asked += answers ? 1 : 0;
    const answer = answers ? await host.reread(app.repository.path, stored.run) : null;
    const told = answer === null ? null : await withBound(engine, app, answer, stored.run);
    // A run, or a whole repository, that it cannot show says nothing of the others.
    answers &&= told !== null || host.answers();
    if (told === null ? false : await layOver(engine, app, stored.run, told)) continue;
    await engine.db.transaction(async (tx) => {
      await recordAsked(tx, stored.run.id, { at: now, answer: told === null ? "no answer" : "the same" });
      if (isQuiet(stored.run, heard.at, now)) await touchRun(tx, stored.run.id, isGoingOn(stored.run));
    });
  }
  if (!answers) return { word: "silent", asked };
  await findHead(engine, app);
  return { word: host.left() < LEAVE ? "spent" : "answers", asked: asked + 1 };
}

/** The branch's newest commit, if nothing of it ever arrived. An app that is new here begins with its next push, a companion with this. */
async function findHead(engine: Engine, app: App): Promise<void> {
  const isCompanion = app.companionOf !== undefined;
  if (!isCompanion && !(await hasRuns(engine.db, app.name))) return;
  const host = engine.codeHost(app.repository);
  const head = await host.resolve(app.repository.path, `refs/heads/${app.branch}`);
  if (head === null) return;
  if ((await runOf(engine.db, app.name, head)) === null) await addHead(engine, app, head);
  if (isCompanion) await takeHead(engine, app, head);
}

/** The app waits for it, and there may never be an event that says that it is proven. */
async function takeHead(engine: Engine, source: App, head: Sha): Promise<void> {
  const stored = await runOf(engine.db, source.name, head);
  const passed = await passedAt(engine.db, { source: source.name, revision: head });
  if (stored !== null && (passed === null || passed.lost === true)) await engine.jobs.send(engine.db, "consider", { run: stored.run.id });
}

async function addHead(engine: Engine, app: App, head: Sha): Promise<void> {
  const empty = emptyRun(engine.newId() as RunId, app.name, head);
  const answer = await engine.codeHost(app.repository).reread(app.repository.path, empty);
  const told = answer === null ? null : await withBound(engine, app, answer, empty);
  if (told === null || (app.companionOf === undefined && !concernsBranch(app, told))) return;
  // The row is made first: what a delivery made of it meanwhile stays.
  const stored = await engine.db.transaction((tx) => lockRun(tx, { id: empty.id, app: app.name, revision: head }, engine.clock()));
  if (stored.run.id === empty.id) await layOver(engine, app, stored.run, told);
}
