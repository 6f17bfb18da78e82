import { refText, unknownAuthors } from "../domain/authorize.ts";
import type { ApproversView } from "../domain/card.ts";
import type { Environment } from "../domain/config.ts";
import type { Deployment } from "../domain/deployment.ts";
import type { Approval } from "../domain/standing.ts";
import { rightKey } from "../domain/people.ts";
import { approversOf } from "./approvers.ts";
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
  const { ids, delegations, unreadable } = await approversOf(engine, environment);
  const unknown = unknownAuthors(environment, deployment);
  const out = new Set(fourEyes(deployment));
  const said = new Set(valid.map((yes) => rightKey(yes.actor)));
  const now = engine.clock();
  const standIns = delegations.filter(({ from, to, until }) => until > now && !out.has(from) && !out.has(to));
  return {
    refs: release.mode === "approval" ? release.approval.from.map(refText) : [],
    ids,
    left: unknown.length > 0 ? [] : ids.filter((id) => !out.has(id) && !said.has(`slack:${id}`)),
    unreadable,
    standIns: await Promise.all(
      standIns.map(async ({ from, to, until }) => ({ name: await nameOf(engine, to), for: await nameOf(engine, from), until })),
    ),
    unknown,
  };
}

async function nameOf(engine: Engine, id: string): Promise<string> {
  return (await engine.directory.person(id).catch(() => null))?.name ?? id;
}
