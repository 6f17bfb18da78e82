import { touchCardsOf } from "../db/card-touch.ts";
import { openDeployments } from "../db/deployments.ts";
import { runOf } from "../db/runs.ts";
import { loadApprovals } from "../db/snapshot.ts";
import { isSameSet, type CompanionSet } from "../domain/companion.ts";
import type { App, Environment } from "../domain/config.ts";
import type { Deployment } from "../domain/deployment.ts";
import type { CommandOf } from "../domain/environment.ts";
import type { DeploymentId, EnvironmentId } from "../domain/ids.ts";
import type { Prepared } from "../domain/prepared.ts";
import { apply } from "./apply.ts";
import { approversOf, unfit } from "./approvers.ts";
import type { Lacking } from "../domain/live-content.ts";
import { chosenSet } from "./chosen-set.ts";
import { prepare } from "./prepare.ts";
import { heldForLong } from "./held-for-long.ts";
import { vouch, whatGoesOn } from "./vouch.ts";
import { lackingOf } from "./live-content.ts";
import { environmentOf, type Engine } from "./engine.ts";

/** Asks people and providers anew, then lets the environment decide what may start. */
export async function recheck(engine: Engine, id: EnvironmentId): Promise<void> {
  const known = environmentOf(engine, id);
  if (known === null) return;
  const { app, environment } = known;
  const open = await openDeployments(engine.db, id);
  const queued = open.filter((deployment) => deployment.state.state === "queued" && deployment.kind === "deploy");
  const anew = await broughtAnew(engine, app, environment, open);
  const told = await askCi(engine, { app, environment, queued, anew });
  const people = await entitlement(engine, environment, queued);
  // Slack does not say who may: nobody's yes is void by that, and nothing starts but what the operator decided. The sweep asks again.
  const asked = people === null ? await operatorsOwn(engine, queued) : queued.map((deployment) => deployment.id);
  await apply(engine, id, {
    kind: "recheck",
    ...(people ?? { entitled: null, silent: true }),
    asked,
    ...told,
    ...(Object.keys(anew).length === 0 ? {} : { anew }),
    id: engine.newId() as DeploymentId,
  });
  // Time alone may have changed what they say: a window began, and what was thought to be done by now is not.
  if (open.some(({ state }) => state.state === "queued" || state.state === "awaiting_approval"))
    await touchCardsOf(engine.db, { app: app.name, revisions: [], waitingIn: [id] });
}

type Asked = Required<Pick<CommandOf<"recheck">, "unfit" | "again" | "unasked" | "lacking">>;

/** CI's word, and the code host's, on what may start now. */
async function askCi(
  engine: Engine,
  of: {
    readonly app: App;
    readonly environment: Environment;
    readonly queued: readonly Deployment[];
    readonly anew: Readonly<Record<string, Prepared>>;
  },
): Promise<Asked> {
  const { app, environment, queued, anew } = of;
  const doubts: Record<string, string> = {};
  const again: Record<string, string> = {};
  const lacking: Record<string, Lacking> = {};
  const unasked = await heldForLong(engine, environment, queued, anew);
  for (const deployment of queued.filter(({ id }) => !unasked.includes(id))) {
    const { revision, plan } = deployment;
    const stored = await runOf(engine.db, app.name, revision);
    const chosen = await toVouchFor(engine, environment, deployment, anew[deployment.id]);
    const because = stored === null ? null : await vouch(engine, app, environment, stored, chosen);
    // A companion whose proof was just lost is waited for: its gate says so.
    const isHeld = because !== null && (await chosenSet(engine, environment, revision)).kind === "doubt";
    const goesOn = because === null || isHeld ? null : await whatGoesOn(engine, app, environment, { revision, chosen });
    if (goesOn !== null) again[revision] = goesOn;
    else if (because !== null && !isHeld) doubts[revision] = because;
    const set = (anew[deployment.id] ?? plan).companions ?? [];
    const lacks = await lackingOf(engine, app, environment, { revision, set });
    if (lacks !== null) lacking[revision] = lacks;
  }
  return { unfit: doubts, again, unasked, lacking };
}

/** What waits comes with other companions by now: people see what those bring. */
async function broughtAnew(
  engine: Engine,
  app: App,
  environment: Environment,
  open: readonly Deployment[],
): Promise<Readonly<Record<string, Prepared>>> {
  const anew: Record<string, Prepared> = {};
  for (const { id, kind, state, revision, plan } of open) {
    if (kind !== "deploy" || (state.state !== "queued" && state.state !== "awaiting_approval")) continue;
    const chosen = await chosenSet(engine, environment, revision);
    if (chosen.kind === "doubt" || isSameSet(plan.companions, chosen.set)) continue;
    const stored = await runOf(engine.db, app.name, revision);
    anew[id] = await prepare(engine, app, environment, revision, stored, chosen);
  }
  return anew;
}

/** Exactly what it would start with. While nobody can say what that is, its gate holds it, and of its companions nobody is asked. */
async function toVouchFor(
  engine: Engine,
  environment: Environment,
  { revision, plan }: Deployment,
  anew: Prepared | undefined,
): Promise<CompanionSet> {
  const { kind } = await chosenSet(engine, environment, revision);
  return { kind: "set", set: kind === "doubt" ? [] : ((anew ?? plan).companions ?? []) };
}

/** What the command line overrode: whoever holds the machine needs no word of Slack. */
async function operatorsOwn(engine: Engine, queued: readonly Deployment[]): Promise<readonly DeploymentId[]> {
  const ids = queued.map((deployment) => deployment.id);
  const own = (await loadApprovals(engine.db, ids)).filter(({ actor, override }) => actor.kind === "cli" && override !== null);
  return ids.filter((id) => own.some((yes) => yes.deploymentId === id));
}

type Entitlement = Pick<CommandOf<"recheck">, "entitled" | "standIns" | "overriders">;

/** Whose yeses count still, of those that queued deployments wait with. Null: Slack cannot be asked. */
async function entitlement(engine: Engine, environment: Environment, queued: readonly Deployment[]): Promise<Entitlement | null> {
  const { release } = environment;
  if (release.mode !== "approval" || queued.length === 0) return { entitled: null };
  const approvals = await loadApprovals(
    engine.db,
    queued.map((deployment) => deployment.id),
  );
  const givers = new Set(approvals.flatMap(({ actor }) => (actor.kind === "slack" ? [actor.id] : [])));
  const { ids, delegations, away } = await approversOf(engine, environment);
  const overriders = await engine.directory.resolve(release.approval.override ?? [], environment.allow);
  if (away || overriders.away === true) return null;
  const fit = new Set<string>();
  try {
    for (const id of givers) if ((await unfit(engine, await engine.directory.person(id), environment)) === null) fit.add(id);
  } catch {
    return null;
  }
  return {
    entitled: ids.filter((id) => fit.has(id)),
    standIns: delegations.filter(({ to }) => fit.has(to)).map(({ from, to }) => ({ from, to })),
    overriders: overriders.ids.filter((id) => fit.has(id)),
  };
}
