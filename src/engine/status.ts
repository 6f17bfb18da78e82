import { deploymentById, openDeployments } from "../db/deployments.ts";
import { loadAbsences } from "../db/away.ts";
import { loadFreeze, loadLock } from "../db/holds.ts";
import { isEnvironmentMixed, loadLive } from "../db/snapshot.ts";
import { loadObserved } from "../db/observed.ts";
import { runOf } from "../db/runs.ts";
import { setWords } from "../domain/companion.ts";
import type { Environment } from "../domain/config.ts";
import type { Deployment } from "../domain/deployment.ts";
import type { LiveHost } from "../domain/environment.ts";
import type { SetFreeze } from "../domain/standing.ts";
import { frozenUntil } from "../domain/freeze.ts";
import { lockOn } from "../domain/gate.ts";
import { parseSha, shortSha, type Sha } from "../domain/ids.ts";
import type { StatusHost, StatusRow } from "../domain/intent.ts";
import { liveNow } from "../domain/observed.ts";
import { actorName } from "../domain/people.ts";
import type { ReadOutcome } from "../ports.ts";
import { approversOf } from "./approvers.ts";
import { standInsOf } from "./approvers-view.ts";
import { askHosts } from "./ask-hosts.ts";
import type { Engine } from "./engine.ts";

/** Whoever asks for the status waits for it: a server that takes longer is said to be silent. */
const ASK_MS = 5_000;

/**
 * What is live where, what is on its way, who holds it: for `/deploy status`, the Home tab and the command line. Of one app its servers
 * are asked too: what is recorded and what they say may differ. `isSeen`: of which environments; absent: of all.
 */
export async function statusRows(
  engine: Engine,
  appName: string | null,
  isSeen: (environment: Environment) => boolean = () => true,
): Promise<readonly StatusRow[]> {
  const apps = engine.config.apps.filter((app) => appName === null || app.name === appName);
  const rows = apps.flatMap((app) =>
    app.environments.filter(isSeen).map((environment) => statusRow(engine, app.name, environment, { asking: appName !== null })),
  );
  return Promise.all(rows);
}

async function statusRow(engine: Engine, app: string, environment: Environment, how: { readonly asking: boolean }): Promise<StatusRow> {
  const said = how.asking ? await askHosts(engine, environment.target.hosts, ASK_MS) : [];
  const recorded = await loadLive(engine.db, environment.id);
  const first = environment.target.hosts[0]?.name;
  const live = recorded.find((row) => row.host === first) ?? recorded[0];
  const all = await openDeployments(engine.db, environment.id);
  const open = all.findLast((deployment) => deployment.state.state !== "watching");
  const holds = { lock: await loadLock(engine.db, environment.id), absences: await loadAbsences(engine.db) };
  const lock = lockOn(holds, engine.clock());
  return {
    app,
    environment: environment.name,
    live:
      live === undefined
        ? null
        : {
            revision: shortSha(live.revision),
            since: live.since,
            title: await titleOf(engine, app, live.revision),
            source: live.source,
            ...(await linkOf(engine, environment, live)),
            ...(await companionsOf(engine, live)),
          },
    mixed: await isEnvironmentMixed(engine.db, environment.id),
    current:
      open === undefined
        ? null
        : {
            number: open.number,
            state: open.state.state,
            revision: shortSha(open.revision),
            title: await titleOf(engine, app, open.revision),
          },
    ...watchedIn(all),
    hosts: said.map(({ host, answer }) => hostOf(host.name, recorded, answer)),
    lock: lock === null ? null : { owner: actorName(lock.owner), reason: lock.reason, until: lock.until },
    standIns: await standInsOf(engine, await approversOf(engine, environment)),
    freeze: freezeIn(environment, await loadFreeze(engine.db, environment.id), engine.clock()),
  };
}

function watchedIn(open: readonly Deployment[]): Pick<StatusRow, "watched"> {
  const watched = open.flatMap(({ state }) => (state.state === "watching" || state.state === "countdown" ? [state] : [])).at(-1);
  return watched === undefined ? {} : { watched: { until: watched.until, verdict: watched.verdict } };
}

async function companionsOf(engine: Engine, { deploymentId }: LiveHost): Promise<{ readonly companions?: string }> {
  const words = deploymentId === null ? null : setWords((await deploymentById(engine.db, deploymentId))?.plan.companions);
  return words === null ? {} : { companions: words };
}

/** The page of CI's deployment, where CI made it. */
async function linkOf(engine: Engine, { id }: Environment, live: LiveHost): Promise<{ readonly url?: string | null }> {
  if (live.source !== "ci") return {};
  const now = liveNow(await loadObserved(engine.db, id));
  return { url: now?.log ?? now?.url ?? null };
}

/** Somebody's own freeze before that of the calendar: it has an owner who can be asked. */
function freezeIn(environment: Environment, set: SetFreeze | null, now: Date): StatusRow["freeze"] {
  if (set !== null && set.until > now) return { owner: actorName(set.owner), reason: set.reason, until: set.until };
  const calendar = frozenUntil(environment.freeze, now);
  return calendar === null ? null : { owner: null, reason: calendar.window.reason, until: calendar.until };
}

function hostOf(host: string, recorded: readonly LiveHost[], answer: ReadOutcome): StatusHost {
  const known = recorded.find((row) => row.host === host);
  const revision = answer.kind === "read" && answer.facts.live !== null ? parseSha(answer.facts.live) : null;
  const said: StatusHost["said"] =
    answer.kind !== "read"
      ? { kind: "silent", because: answer.because }
      : revision === null
        ? { kind: "nothing" }
        : { kind: "runs", revision: shortSha(revision) };
  return { host, recorded: known === undefined ? null : shortSha(known.revision), said };
}

/** The title of a revision's own commit, as its push or its comparison told it. */
export async function titleOf(engine: Engine, app: string, revision: Sha): Promise<string | null> {
  const stored = await runOf(engine.db, app, revision);
  const changes = [...(stored?.run.push?.changes ?? []), ...(stored?.changes?.changes ?? [])];
  return changes.find((change) => change.revision === revision)?.title ?? null;
}
