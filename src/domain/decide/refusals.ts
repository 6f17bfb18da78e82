import { whoApproves } from "../authorize.ts";
import type { Deployment } from "../deployment.ts";
import type { Snapshot } from "../environment.ts";
import { refused, whatHappened, type Outcome } from "./decision.ts";

/** "Not deployed: you wrote part of this." Why, who can, what changes it. */
export function notAllowed(done: string, because: string, snapshot: Snapshot, names: readonly string[] = []): Outcome {
  const { environment } = snapshot;
  return refused(
    `Not ${done}: ${because}`,
    [
      {
        rule: "approval",
        text: `${environment.name} of ${environment.app} needs ${whoApproves(environment)}.`,
        owner: whoApproves(environment),
        liftsAt: null,
      },
    ],
    {
      who: names.length === 0 ? null : names.join(" or "),
      change: `The rule is \`approval\` of ${environment.name} in \`greenlight.yml\`; a workspace admin can change who is in a user group.`,
    },
  );
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
