import { digestOf } from "../digest.ts";
import type { Deployment } from "../deployment.ts";
import type { Command, Snapshot } from "../environment.ts";
import type { AttentionWay } from "../intent.ts";
import { find, refused, whatHappened, type Outcome } from "./decision.ts";

type PersonCommand = Extract<Command, { readonly standing: unknown; readonly deployment: unknown }>;
type Divided = "cancel" | "roll_back" | "resolve";

/** Everything that can be pressed about one deployment, where one command means several things apart. */
export type Press =
  | Exclude<PersonCommand["kind"], Divided>
  | "cancel"
  | "stop_and_roll_back"
  | "roll_back"
  | "roll_back_schema"
  | `resolve_${AttentionWay}`;

/**
 * When other decisions make a press stale. `never`: it means the same in every state where it is still possible, and the state itself
 * refuses it elsewhere. `once_it_runs`: it was drawn while nothing had started. `always`: it answers one moment that may not be today's.
 */
export type Counts = "never" | "once_it_runs" | "always";

/** What makes a press stale besides its digest, and what its presser is told was not done. The digest has to agree for all of them. */
export const STALENESS: Readonly<Record<Press, { readonly counter: Counts; readonly done: string; readonly because: string }>> = {
  approve: { counter: "never", done: "deployed", because: "a yes is for exactly one version and plan, and the digest is both" },
  start_now: { counter: "never", done: "started", because: "it is for exactly one version and plan, and only while these wait for a time" },
  offer_again: { counter: "never", done: "offered again", because: "what was rejected stays that; what came after is looked at by itself" },
  reject: { counter: "never", done: "rejected", because: "a no is for exactly one version and plan too" },
  cancel: { counter: "once_it_runs", done: "stopped", because: "its presser was told that nothing has started" },
  stop_and_roll_back: {
    counter: "never",
    done: "stopped",
    because: "it is drawn only while it runs; in a hurry no tick may be in the way",
  },
  roll_back: { counter: "never", done: "rolled back", because: "at 3 a.m. it means one thing: this version goes, whatever was seen since" },
  roll_back_schema: { counter: "always", done: "rolled back", because: "what data goes was listed for one moment, and does not come back" },
  stop_countdown: { counter: "always", done: "stopped", because: "another countdown has other evidence" },
  keep_watching: { counter: "always", done: "kept", because: "another regression has to be looked at again" },
  on_it: { counter: "never", done: "noted", because: "it names a person and decides nothing" },
  mark_alarm: { counter: "never", done: "noted", because: "it is about what was seen, whatever became of the deployment since" },
  allow_again: { counter: "never", done: "allowed", because: "its deployment has ended; a block of another one is looked at by itself" },
  resolve_ask_hosts: { counter: "never", done: "asked", because: "asking once more does no harm" },
  resolve_take_over: { counter: "always", done: "taken over", because: "it is about the locks that stood on the card" },
  resolve_mark_live: { counter: "always", done: "changed", because: "it says what a person saw, before the servers did anything else" },
  resolve_mark_earlier: { counter: "always", done: "changed", because: "it says what a person saw, before the servers did anything else" },
  resolve_roll_back: { counter: "never", done: "rolled back", because: "it means the same as every other Roll back" },
  resolve_stays_broken: { counter: "always", done: "changed", because: "it says what a person saw, before the servers did anything else" },
};

/** What a command is in the table; null: it is no press about one deployment. */
function pressOf(command: Command): Press | null {
  switch (command.kind) {
    case "cancel":
      return command.thenRollBack ? "stop_and_roll_back" : "cancel";
    case "roll_back":
      return command.schema === true ? "roll_back_schema" : "roll_back";
    case "resolve":
      return `resolve_${command.way}`;
    default:
      return "standing" in command && "deployment" in command ? command.kind : null;
  }
}

/** A press on what is not so any more is answered, not obeyed. Null: it is about what is so now, or nothing was shown. */
export function stale(snapshot: Snapshot, command: Command): Outcome | null {
  const press = pressOf(command);
  if (press === null || command.shown === undefined || !("deployment" in command)) return null;
  const deployment = find(snapshot, command.deployment);
  if (deployment === undefined) return null;
  const { counter, done } = STALENESS[press];
  const { revision, environmentId, planHash } = deployment;
  if (command.shown.digest !== digestOf({ revision, environment: environmentId, planHash }))
    return refused(`Not ${done}: what would be deployed has changed since this card was drawn.`, [], {
      change: "Look at the card again; it shows the new plan.",
    });
  if (command.shown.counter === deployment.counter || !matters(counter, deployment)) return null;
  return refused(`Not ${done}: #${deployment.number} has moved on since this card was drawn. ${whatHappened(deployment)}`, [], {
    change: "Look at the card again, and press there.",
  });
}

function matters(counts: Counts, deployment: Deployment): boolean {
  switch (counts) {
    case "never":
      return false;
    case "once_it_runs":
      return deployment.startedAt !== null;
    case "always":
      return true;
    default:
      return counts satisfies never;
  }
}
