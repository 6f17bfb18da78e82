import { setWords } from "../../domain/companion.ts";
import type { DeploymentCard, WayBack } from "../../domain/card.ts";
import type { Deployment } from "../../domain/deployment.ts";
import { shortSha } from "../../domain/ids.ts";
import { escaped, plain } from "../escape.ts";
import { LIMITS } from "../limits.ts";
import { clock } from "../words.ts";
import type { RenderContext } from "./drawing.ts";
import { code } from "./parts.ts";

type Version = Pick<WayBack, "revision" | "companions">;

/** "`9f3c2ab` with acme/shop-theme 1f2e3d4": a revision with what comes with it. */
export function version({ revision, companions }: Version): string {
  const words = withWords(companions);
  return words === null ? code(revision) : `${code(revision)} ${escaped(words)}`;
}

/** The same where nothing is marked up. */
export function plainVersion({ revision, companions }: Version): string {
  const words = withWords(companions);
  return words === null ? shortSha(revision) : `${shortSha(revision)} ${words}`;
}

/** What a deployment brings. */
export function versionOf({ revision, plan }: Deployment): Version {
  return plan.companions === undefined ? { revision } : { revision, companions: plan.companions };
}

function withWords(companions: Version["companions"]): string | null {
  const words = setWords(companions);
  return words === null ? null : plain(words, LIMITS.sentence);
}

/** "`9f3c2ab` replaces `4c1e77d`, live since Mon 10:02." */
export function replaces(card: DeploymentCard, context: RenderContext): string {
  const { deployment, live } = card;
  const since = live !== null && live.revision === deployment.from ? `, live since ${clock(live.since, context.now)}` : "";
  const now = versionOf(deployment);
  if (deployment.from === null) return `${version(now)} is the first version here.`;
  const words = withWords(now.companions);
  if (deployment.from === deployment.revision && words !== null)
    return `${code(deployment.revision)} stays${since}; it comes ${escaped(words)} now.`;
  return `${version(now)} replaces ${code(deployment.from)}${since}.`;
}
