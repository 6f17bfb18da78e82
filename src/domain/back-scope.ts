import type { WayBack } from "./card.ts";
import { isSameSet } from "./companion.ts";
import type { BackTo, Deployment } from "./deployment.ts";
import type { LiveHost } from "./environment.ts";
import type { Sha } from "./ids.ts";
import { isUsable, titleOfRevision, wayBack, waysBack } from "./way-back.ts";

type Known = {
  readonly past: readonly Deployment[];
  readonly open: readonly Deployment[];
  readonly live: readonly LiveHost[];
  readonly blocked: readonly { readonly revision: Sha }[];
};

/** Where a rollback goes, and on which hosts. */
export type BackScope = { readonly to: WayBack; readonly hosts: readonly string[] };

/**
 * Which hosts a rollback of `deployment` takes back, and to what; null: there is nowhere to go. One that went live takes all of them
 * back. One that was stopped half-way takes back only the hosts that it had changed, and to what the others run if they agree, so
 * that afterwards all are alike. `touched`: the hosts that it had changed, if the live rows do not say so yet. `chosen`: what a person chose
 * instead; all hosts go there, and only to what was live here and is not blocked.
 */
export function backScope(known: Known, deployment: Deployment, touched?: readonly string[], chosen: BackTo = {}): BackScope | null {
  const usual = usualScope(known, deployment, touched);
  if (chosen.to === undefined || (usual !== null && isChosen(usual.to, chosen))) return usual;
  const way = waysBack(known, deployment).find((one) => isChosen(one, chosen));
  return way === undefined ? null : { to: way, hosts: deployment.plan.hosts.map((host) => host.name) };
}

function isChosen({ revision, companions }: WayBack, { to, toSet }: BackTo): boolean {
  return revision === to && (toSet === undefined || isSameSet(companions, toSet));
}

function usualScope(known: Known, deployment: Deployment, touched?: readonly string[]): BackScope | null {
  const all = deployment.plan.hosts.map((host) => host.name);
  // A fabfile is run on the first host for all of them: it cannot go back on some.
  const some = deployment.liveAt === null && deployment.plan.target !== "fabric";
  const changed = some ? all.filter((host) => (touched ?? changedBy(known, deployment)).includes(host)) : all;
  const usual = wayBack(known, deployment);
  if (changed.length === 0 || changed.length === all.length) return usual === null ? null : { to: usual, hosts: all };
  const others = known.live.filter((one) => all.includes(one.host) && !changed.includes(one.host)).map((one) => runningWith(known, one));
  const [only] = others;
  const agree = only !== undefined && others.every((one) => one.revision === only.revision && isSameSet(one.companions, only.companions));
  if (!agree || !isUsable(known, deployment, only)) return usual === null ? null : { to: usual, hosts: changed };
  const isUsual = usual?.revision === only.revision && isSameSet(usual.companions, only.companions);
  return { to: isUsual ? usual : { ...only, title: titleOfRevision(known, only.revision), healthySince: null }, hosts: changed };
}

/** Hosts whose live rows come from this deployment, or from a rollback of it that did not finish. */
function changedBy(known: Known, deployment: Deployment): readonly string[] {
  const ids = new Set<string>([deployment.id]);
  for (const other of [...known.open, ...known.past]) if (other.rollsBack === deployment.id) ids.add(other.id);
  return known.live.filter((one) => one.deploymentId !== null && ids.has(one.deploymentId)).map((one) => one.host);
}

function runningWith(known: Known, { revision, deploymentId }: LiveHost): Pick<WayBack, "revision" | "companions"> {
  const brought = [...known.open, ...known.past].find((deployment) => deployment.id === deploymentId)?.plan.companions;
  return brought === undefined ? { revision } : { revision, companions: brought };
}
