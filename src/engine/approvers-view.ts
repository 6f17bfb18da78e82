import { refText, unknownAuthors } from "../domain/authorize.ts";
import type { ApproversView } from "../domain/card.ts";
import type { Environment } from "../domain/config.ts";
import type { Deployment } from "../domain/deployment.ts";
import type { Approval } from "../domain/standing.ts";
import { rightKey } from "../domain/people.ts";
import { approversOf, type Approvers } from "./approvers.ts";
import type { Engine } from "./engine.ts";
import { fourEyes } from "./standing.ts";

/** Who may say yes to a deployment, and who of them is left. A stand-in adds no yes: it is that of whom they stand in for. */
export async function approversView(
  engine: Engine,
  environment: Environment,
  deployment: Deployment,
  valid: readonly Approval[],
): Promise<ApproversView> {
  const { release } = environment;
  const approvers = await approversOf(engine, environment);
  const { ids, unreadable } = approvers;
  const unknown = unknownAuthors(environment, deployment);
  const out = new Set(fourEyes(deployment));
  const said = new Set(valid.map((yes) => rightKey(yes.actor)));
  return {
    refs: release.mode === "approval" ? release.approval.from.map(refText) : [],
    ids,
    left: unknown.length > 0 ? [] : ids.filter((id) => !out.has(id) && !said.has(`slack:${id}`)),
    unreadable,
    standIns: await standInsOf(engine, approvers, out),
    unknown,
  };
}

/** Who says yes for whom now, leaving out those whom four eyes keep from it. */
export async function standInsOf(
  engine: Engine,
  { delegations }: Pick<Approvers, "delegations">,
  out: ReadonlySet<string> = new Set(),
): Promise<ApproversView["standIns"]> {
  const given = delegations.filter(({ from, to, until }) => until > engine.clock() && !out.has(from) && !out.has(to));
  return Promise.all(
    given.map(async ({ from, to, until }) => ({ name: await nameOf(engine, to), for: await nameOf(engine, from), until })),
  );
}

async function nameOf(engine: Engine, id: string): Promise<string> {
  return (await engine.directory.person(id).catch(() => null))?.name ?? id;
}
