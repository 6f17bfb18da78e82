import type { DeploymentId, EnvironmentId, Sha } from "./ids.ts";
import type { Actor, Author } from "./people.ts";

/** Who presses, with every right that needed the network looked up beforehand. */
export type Standing = {
  readonly actor: Actor;
  readonly ours: boolean;
  readonly team: string;
  readonly guest: boolean;
  readonly bot: boolean;
  readonly deactivated: boolean;
  readonly approver: boolean;
  /** Approvers who delegated their right to this person, for this app and for now. */
  readonly standsInFor: readonly { readonly id: string; readonly name: string }[];
  /** The user group that makes an approver, joined too short a while ago; null: none. */
  readonly justJoined: string | null;
  /** In `approval.override.from`. */
  readonly mayOverride: boolean;
  readonly onCall: boolean;
  /** Why duty rosters could not say whether they are, in whole sentences; absent: they could, or nobody had to ask. */
  readonly dutyUnread?: readonly string[];
  /** In `rollback.from`; null when the environment names nobody there. */
  readonly mayRollBack: boolean | null;
};
/** One person's yes to one revision and plan. `override`: the reason of a break-glass yes. */
export type Approval = {
  readonly deploymentId: DeploymentId;
  readonly actor: Actor;
  readonly revision: Sha;
  readonly planHash: string;
  readonly at: Date;
  readonly override: string | null;
  /** Nothing starts before, and the yes counts from then on; null or absent: at once. */
  readonly notBefore?: Date | null;
};
/** Who is to stand in for an approver. `unfit`: why not, as Slack says; null: a colleague. */
export type StandIn = { readonly id: string; readonly name: string; readonly unfit: string | null };
/** An approver's right is somebody else's too, in one app until then. Slack ids. */
export type Delegation = { readonly app: string; readonly from: string; readonly to: string; readonly until: Date; readonly at: Date };
/** One person's latest word on a revision on an environment. `reason`: of "not yet", for the authors. */
export type Validation = {
  readonly environmentId: EnvironmentId;
  readonly revision: Sha;
  readonly actor: Actor;
  readonly verdict: "looks_good" | "not_yet";
  readonly reason: string | null;
  readonly at: Date;
};
/** What somebody looked at before giving a word on it; without this it is what is live now. */
export type LookedAt = {
  /** Of the card that was pressed; null: what is live now. */
  readonly revision: Sha | null;
  /** Who wrote what a yes would let go on, over all that the environments after this one do not have yet. */
  readonly authors: readonly Author[];
  /** This person gave a word on that revision before, so may change it though something else is live now. */
  readonly before: boolean;
};
/** A person holds the environment, with a reason, until then. `nudgedAt`: the owner was told that it is about to end; absent: not yet. */
export type Lock = {
  readonly owner: Actor;
  readonly reason: string;
  readonly since: Date;
  readonly until: Date;
  readonly nudgedAt?: Date;
};
/** A freeze that a person set, beside those of the configuration: it holds everybody, its owner too, until then. */
export type SetFreeze = { readonly owner: Actor; readonly reason: string; readonly since: Date; readonly until: Date };
