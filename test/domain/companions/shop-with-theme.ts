import { companionsFor, sourceName, type CompanionRevision, type PassedRevision } from "../../../src/domain/companion.ts";
import type { Environment } from "../../../src/domain/config.ts";
import type { AfterRecord, Command, Snapshot } from "../../../src/domain/environment.ts";
import { environmentId, type DeploymentId, type Sha } from "../../../src/domain/ids.ts";
import type { Validation } from "../../../src/domain/standing.ts";
import { configOf } from "../../support/engine-replica.ts";
import { AUTOMATIC, ended, MINUTE, MONDAY, modelOf, newId, offered, person, PETRA, rechecked, sha, type Model } from "../model.ts";

export const ORIGIN = "git@github.com:acme/shop-theme.git";
const MINUTE_BEFORE = MONDAY.getTime() - MINUTE;
export const AFTER = "after: { environment: staging, for: 0s }";

export function environmentOf(lines: readonly string[], layout = "in_place"): Environment {
  const config = configOf(`apps:
  shop:
    repository: github:acme/shop
    channel: "#shop"
    with: [{ repository: github:acme/shop-theme, requires: [build], directory: theme, origin: "${ORIGIN}" }]
    environments:
      staging: { deploy: automatically, target: { type: ssh, hosts: [deploy@staging.acme.test], directory: /srv/shop, recipe: django } }
      production:
${lines.map((line) => `        ${line}`).join("\n")}
        target: { type: ssh, hosts: [deploy@web-1.acme.test, deploy@web-2.acme.test], directory: /srv/shop, recipe: django, layout: ${layout} }
`);
  const found = config.apps[0]?.environments.find(({ name }) => name === "production");
  if (found === undefined) throw new Error("no production");
  return found;
}

/** The theme's revisions are counted from 100, so that none is the app's too. */
export const theme = (number: number): Sha => sha(100 + number);
export const themes = (...numbers: readonly number[]) =>
  numbers.map((number) => ({ repository: "acme/shop-theme", directory: "theme", origin: ORIGIN, revision: theme(number) }));

export const SOURCE = sourceName("shop", {
  repository: { kind: "github", connection: "default", path: "acme/shop-theme" },
  branch: "main",
});
export const passed = (number: number): PassedRevision => ({ source: SOURCE, revision: theme(number), position: number, since: MONDAY });

export function world(lines: readonly string[] = [AUTOMATIC], over: Partial<Snapshot> = {}, layout = "in_place"): Model {
  return modelOf(environmentOf(lines, layout), { passed: [passed(1)], ...over });
}

export function passes(model: Model, number: number): void {
  model.snapshot = { ...model.snapshot, passed: [passed(number), ...(model.snapshot.passed ?? [])] };
}

/** What was found out for the companions that it comes with now. */
export function comes({ snapshot }: Model, number: number): { readonly companions?: readonly CompanionRevision[] } {
  const wanted = companionsFor(snapshot, sha(number));
  return wanted.kind === "set" ? { companions: wanted.set } : {};
}

/** The revision is offered by rule and goes live, if it is offered at all. */
export function goesLive(model: Model, number: number): DeploymentId | null {
  const command = offered(number, comes(model, number));
  if (!model.must(command).changes.some(({ kind }) => kind === "insert")) return null;
  model.must(rechecked(model));
  model.must(ended(command.id));
  return command.id;
}

export function live(model: Model, number: number): DeploymentId {
  const id = goesLive(model, number);
  if (id === null) throw new Error(`${number} was not offered`);
  return id;
}

export function back(deployment: DeploymentId, over: Partial<Extract<Command, { kind: "roll_back" }>> = {}) {
  const standing = person("UEVE", { onCall: true });
  return { kind: "roll_back", standing, deployment, reason: "errors", id: newId(), ...over } as const satisfies Command;
}

/** Petra's look at the first revision, at the time of that record. */
export function wordAt(at: number): Validation {
  const environment = environmentId("shop", "staging");
  return {
    environmentId: environment,
    revision: sha(1),
    actor: PETRA.actor,
    verdict: "looks_good",
    reason: null,
    at: new Date(MINUTE_BEFORE + at),
  };
}

export function record(
  number: number,
  companions: ReturnType<typeof themes>,
  at: number,
  state: AfterRecord["state"] = "succeeded",
): AfterRecord {
  return { revision: sha(number), liveAt: new Date(MINUTE_BEFORE + at), state, number: at, companions };
}
