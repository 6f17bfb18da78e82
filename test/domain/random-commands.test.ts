import { expect, test } from "vitest";
import type { App } from "../../src/domain/config.ts";
import type { Command, Effect } from "../../src/domain/environment.ts";
import type { Standing } from "../../src/domain/standing.ts";
import { heard } from "../../src/domain/hearers.ts";
import { isFinal, type Deployment } from "../../src/domain/deployment.ts";
import {
  APPROVAL,
  approved,
  AUTOMATIC,
  DORA,
  ended,
  environmentOf,
  measured,
  MINUTE,
  type Model,
  modelOf,
  newId,
  offered,
  OLAF,
  person,
  PETRA,
  rechecked,
  requested,
  sha,
  verdict,
} from "./model.ts";
import { dice } from "../support/dice.ts";

const SEQUENCES = 2000;
const LENGTH = 40;
const WATCH = 'watch: { for: 30m, http: { url: "https://a.test/" }, on_regression: rollback, countdown: 90s }';
const ENVIRONMENTS = [
  environmentOf([APPROVAL]),
  environmentOf([AUTOMATIC, WATCH]),
  environmentOf([APPROVAL.replace("count: 1", "count: 2"), WATCH, "on_failure: rollback"]),
];
const PEOPLE: readonly Standing[] = [
  PETRA,
  OLAF,
  DORA,
  person("UEVE"),
  person("UBOT", { bot: true }),
  person("", { actor: { kind: "cli", user: "root" } }),
];

/** A step of the usual course: without it the states behind it would be reached by luck alone. */
function usualCommand(model: Model, roll: (below: number) => number): Command {
  const inState = (state: string) => model.snapshot.open.find((other) => other.state.state === state)?.id;
  const [asked, running, watched] = [inState("awaiting_approval"), inState("executing"), inState("watching")];
  if (asked !== undefined) return approved(model, asked, roll(2) === 0 ? PETRA : OLAF);
  if (running !== undefined) return ended(running);
  if (watched !== undefined && roll(2) === 0) return measured(watched, verdict("regressed", "act", true));
  return roll(2) === 0 ? requested(1 + roll(6)) : rechecked(model);
}

/** Any command at all, about any deployment there is, at the right moment or at the wrong one. */
function anyCommand(model: Model, roll: (below: number) => number): Command | null {
  if (roll(4) === 0) return usualCommand(model, roll);
  const standing = pick(PEOPLE, roll) ?? PETRA;
  const one = pick(model.snapshot.open, roll) ?? pick(model.snapshot.past, roll);
  const deployment = one?.id ?? newId();
  const hosts = ["web-1.acme.test", "web-2.acme.test"].slice(0, roll(3));
  const reason = "because";
  const found = () => hosts.map((host) => ({ host, revision: sha(1 + roll(6)) }));
  const commands: readonly (() => Command | null)[] = [
    () => offered(1 + roll(6), { containsBlocked: roll(5) === 0 ? sha(1) : null }),
    () => ({ kind: "withdraw", revision: sha(1 + roll(6)), because: "Stage unit is running." }),
    () => requested(1 + roll(6), { standing }),
    () => (one === undefined ? null : approved(model, deployment, standing)),
    () => (one === undefined ? null : approved(model, deployment, PETRA)),
    () => (one === undefined ? null : { ...approved(model, deployment, standing), override: roll(4) === 0 ? reason : null }),
    () => ({ kind: "reject", standing, deployment, reason }),
    () => ({ kind: "cancel", standing, deployment, thenRollBack: roll(2) === 0 }),
    () => ({ kind: "roll_back", standing, deployment, reason, id: newId() }),
    () => ({ kind: "stop_countdown", standing, deployment }),
    () => ({ kind: "keep_watching", standing, deployment }),
    () => ({ kind: "on_it", standing, deployment }),
    () => ({ kind: "allow_again", standing, deployment, reason }),
    () => ({
      kind: "resolve",
      standing,
      deployment,
      way: pick(["ask_hosts", "mark_live", "roll_back", "stays_broken", "take_over"] as const, roll) ?? "ask_hosts",
      reason,
      id: newId(),
    }),
    () => ({ kind: "lock", standing, reason, until: new Date(model.now.getTime() + roll(60) * MINUTE) }),
    () => ({ kind: "unlock", standing }),
    () =>
      rechecked(model, {
        entitled: roll(6) === 0 ? [] : ["UPETRA", "UOLAF"],
        unfit: roll(8) === 0 ? { [sha(2)]: "it is not on main" } : {},
      }),
    () => rechecked(model),
    () => ended(deployment),
    () => ended(deployment, { kind: "failed", because: reason, switched: hosts }),
    () => ended(deployment, { kind: "failed", because: reason, switched: hosts, found: found(), finished: roll(2) === 0 }),
    () => ended(deployment, { kind: "unknown", because: reason }),
    () => ended(deployment, { kind: "held", because: reason, holders: [{ host: "web-2", run: newId(), since: null, who: "#7" }] }),
    () => ({ kind: "drifted", deployment, hosts: found() }),
    () => ({ kind: "cancel_ended", deployment, unreachable: roll(3) === 0 ? ["web-2"] : [], switched: hosts, id: newId() }),
    () =>
      measured(
        deployment,
        pick(
          [
            verdict("healthy"),
            verdict("regressed", "act", true),
            { ...verdict("regressed", "act", true), seenAt: new Date(model.now.getTime() - roll(40) * MINUTE) },
            verdict("regressed", "propose", true),
            verdict("regressed"),
            verdict("blind"),
          ],
          roll,
        ) ?? verdict("blind"),
      ),
    () => ({ kind: "found_live", hosts: hosts.map((host) => ({ host, revision: sha(1 + roll(6)) })) }),
    () => (roll(10) === 0 ? { kind: "restored", because: "Restored." } : null),
    () => ({ kind: "validate", standing }),
    () => (roll(10) === 0 ? { kind: "gone" } : null),
  ];
  return pick(commands, roll)?.() ?? null;
}

function pick<Item>(items: readonly Item[], roll: (below: number) => number): Item | undefined {
  return items.length === 0 ? undefined : items[roll(items.length)];
}

/** The model itself throws when two occupy, or when something leaves its end. */
function walk(seed: number, reached: Set<string>): void {
  const roll = dice(seed);
  const model = modelOf(ENVIRONMENTS[seed % ENVIRONMENTS.length]);
  for (let step = 0; step < LENGTH; step += 1) {
    if (roll(3) === 0) model.pass(roll(20) === 0 ? 1500 * MINUTE : roll(40) * MINUTE);
    const command = anyCommand(model, roll);
    if (command === null) continue;
    const before = model.history.length;
    const numbers = new Set([...model.snapshot.open, ...model.snapshot.past].map((deployment) => deployment.number));
    const outcome = model.do(command);
    if (!outcome.ok) {
      if (outcome.refusal.title.length < 10) throw new Error(`${command.kind} was refused without a sentence`);
      continue;
    }
    if (outcome.value.changes.length > 0 && model.history.length === before && !isProgress(command.kind))
      throw new Error(`${command.kind} changed something and left no history`);
    for (const change of outcome.value.changes)
      if (change.kind === "insert" && numbers.has(change.deployment.number))
        throw new Error(`number ${change.deployment.number} was given twice`);
    for (const change of outcome.value.changes) if (change.kind === "insert") provenBefore(model, change.deployment);
    quiet(model);
    for (const deployment of [...model.snapshot.open, ...model.snapshot.past]) {
      reached.add(deployment.state.state);
      if (isFinal(deployment.state) && deployment.state.because === "") throw new Error(`#${deployment.number} ended without a reason`);
    }
  }
}

/** Greenlight rolls back by itself only for what is sure, still happens, and was seen lately. */
function provenBefore(model: Model, { requestedBy, rollsBack }: Deployment): void {
  if (rollsBack === null || requestedBy.kind !== "greenlight" || requestedBy.because !== "the countdown ended") return;
  const { number, state } = model.get(rollsBack);
  const seen = "verdict" in state ? state.verdict : null;
  const age = model.now.getTime() - (seen?.seenAt?.getTime() ?? 0);
  if (seen?.level !== "act" || !seen.ongoing || age > 3 * MINUTE) throw new Error(`#${number} was rolled back for ${JSON.stringify(seen)}`);
}

/** Four things call people, and nothing else does; the channel itself hears of two, and no message calls without being a ping. */
function quiet(model: Model): void {
  for (const effect of heardOf(model)) {
    if (effect.kind !== "reply") continue;
    const { reply } = effect;
    const about = [...model.snapshot.open, ...model.snapshot.past].find((deployment) => deployment.id === effect.deployment);
    if ((reply.kind === "ping") !== (reply.ping !== null)) throw new Error(`${reply.key} is half a ping`);
    if (reply.ping === null && reply.mention.length + (reply.authors?.length ?? 0) > 0) throw new Error(`${reply.key} calls people`);
    if (reply.ping !== null && !PINGS.some((allowed) => allowed.test(reply.text))) throw new Error(`an unknown ping: ${reply.text}`);
    if (reply.broadcast && reply.ping !== "regression" && about?.kind !== "rollback")
      throw new Error(`${reply.key} is shown in the channel`);
  }
}

/** Approval needed (also once more, or anew), failed or needing a person, a regression, rolled back. */
const PINGS = [
  /^Approval needed: /u,
  /^It needs a new yes: /u,
  /^(?:Failed|Needs attention|Stopped)\b/u,
  /^Regression in /u,
  /^Rolled back\b/u,
];

const SHOP: App = {
  name: "shop",
  repository: { kind: "github", connection: "default", path: "acme/shop" } as App["repository"],
  channel: "#shop",
  branch: "main",
  privacy: "normal",
  environments: [],
};

function heardOf(model: Model): readonly Effect[] {
  const { environment } = model.snapshot;
  const app: App = { ...SHOP, environments: [environment] };
  return heard(app, model.snapshot, { changes: [], effects: model.effects, history: [], answer: "" });
}

/** A measurement or another blocker redraws a row; nothing was decided. */
function isProgress(kind: Command["kind"]): boolean {
  return kind === "measured" || kind === "recheck";
}

test(`${SEQUENCES} random sequences never break an invariant, and come everywhere`, () => {
  const reached = new Set<string>();
  for (let seed = 1; seed <= SEQUENCES; seed += 1) {
    try {
      walk(seed, reached);
    } catch (fault) {
      throw new Error(`seed ${seed}: ${String(fault)}`, { cause: fault });
    }
  }
  expect([...reached].toSorted()).toEqual([
    "awaiting_approval",
    "cancelled",
    "cancelling",
    "countdown",
    "executing",
    "expired",
    "failed",
    "needs_attention",
    "queued",
    "regressed",
    "rejected",
    "succeeded",
    "succeeded_unverified",
    "superseded",
    "watching",
  ]);
});
