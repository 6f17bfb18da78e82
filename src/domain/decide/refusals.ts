import { refText, whatLetsIn, whoApproves } from "../authorize.ts";
import type { Blocker, Deployment } from "../deployment.ts";
import type { Snapshot } from "../environment.ts";
import type { Sha } from "../ids.ts";
import { refused, whatHappened, type Outcome } from "./decision.ts";

/** What is decided by the approval rule; the rest by who may roll back. */
const BY_APPROVAL: ReadonlySet<string> = new Set(["deployed", "rejected", "offered again", "delegated", "taken back", "started"]);

/** "Not deployed: you wrote part of this." Why, who can, what changes it. */
export function notAllowed(done: string, because: string, snapshot: Snapshot, names: readonly string[] = []): Outcome {
  const { environment } = snapshot;
  const who = names.length === 0 ? null : names.join(" or ");
  const letsIn = whatLetsIn(because, environment);
  if (letsIn !== null) return refused(`Not ${done}: ${because}`, [], { who, change: letsIn });
  const people = "a workspace admin can change who is in a user group.";
  if (done === "overridden")
    return refused(`Not ${done}: ${because}`, [], {
      who,
      change: `The rule is \`approval: { override: { from: [...] } }\` of ${environment.name} in \`greenlight.yml\`; without it nobody may.`,
    });
  if (!BY_APPROVAL.has(done)) {
    return refused(`Not ${done}: ${because}`, [], {
      who,
      change: `The rule is \`rollback: { from: [...] }\` of ${environment.name} in \`greenlight.yml\`, by default its approvers, on-call people and whoever asked; ${people}`,
    });
  }
  const text = `${environment.name} of ${environment.app} needs ${whoApproves(environment)}.`;
  return refused(`Not ${done}: ${because}`, [{ rule: "approval", text, owner: whoApproves(environment), liftsAt: null }], {
    who,
    change: `The rule is \`approval\` of ${environment.name} in \`greenlight.yml\`; ${people}`,
  });
}

/** Not frozen, or not lifted: who may, and where that stands. */
export function whoMayFreeze(done: string, because: string, { environment }: Snapshot): Outcome {
  return refused(`Not ${done}: ${because}`, [], {
    who:
      environment.release.mode === "approval"
        ? `${environment.release.approval.from.map(refText).join(", ")} and those on call`
        : "those on call",
    change:
      whatLetsIn(because, environment) ??
      `They are \`approval.from\` and \`on_call\` of ${environment.name} in \`greenlight.yml\`; on the bot's machine the operator may.`,
  });
}

/** The press is about a deployment that this database does not have. */
export function unknown(): Outcome {
  return refused("Not done: this deployment is not known here any more.", [], {
    change: "It may belong to another installation, or the database was restored. Use the newest card.",
  });
}

/** Somebody was first, or time passed: says what is so now. */
export function tooLate(done: string, deployment: Deployment): Outcome {
  return refused(`Not ${done}: #${deployment.number} is past that. ${whatHappened(deployment)}`);
}

/** What is asked for contains that commit, which was rolled back here. */
export function bringsBack(commit: Sha): Blocker {
  return { rule: "blocked_commit", text: `It contains ${commit.slice(0, 7)}, which was rolled back here.`, owner: null, liftsAt: null };
}
