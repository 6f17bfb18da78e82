import type { Deployment } from "./deployment.ts";
import type { Standing } from "./standing.ts";
import type { Environment } from "./config.ts";
import { actorKey, actorName } from "./people.ts";

/** Every verb, action id and view has a row here; a missing row fails a test. */
export const VERBS = [
  "see",
  "deploy",
  "approve",
  "start_now",
  "reject",
  "offer_again",
  "delegate",
  "undelegate",
  "validate",
  "not_yet",
  "cancel",
  "roll_back",
  "roll_back_schema",
  "stop_countdown",
  "keep_watching",
  "on_it",
  "allow_again",
  "resolve",
  "lock",
  "unlock",
  "take_over",
  "ask_unlock",
  "freeze",
  "unfreeze",
  "mute",
  "override",
  "log_file",
  "false_alarm",
] as const;
/** One of the things a person may want to do; each has its row in the table. */
export type Verb = (typeof VERBS)[number];

/** Why not, in one sentence for the presser; null: allowed. */
type Rule = (standing: Standing, environment: Environment, deployment: Deployment | null) => string | null;

const anyone: Rule = () => null;
/** Who may instead, and by which rule, stands in the reasons beside it. A stand-in has the right of whom they stand in for. */
const approver: Rule = (standing) => {
  if (standing.approver || standing.standsInFor.length > 0) return null;
  if (standing.justJoined === null) return "you may not approve this.";
  return `you joined ${standing.justJoined} only a short while ago, ${actorName(standing.actor)}. New members do not decide yet.`;
};
/** What was given to somebody is not theirs to give on. */
const ownRight: Rule = (standing, environment) =>
  standing.approver
    ? null
    : `only approvers of ${environment.id} may give their right to somebody, and nobody a right that was given to them.`;
const breakGlass: Rule = (standing, environment) =>
  standing.mayOverride ? null : `only people in approval.override of ${environment.id} may deploy without the yeses.`;

/** Four eyes: never the author's or the requester's own. Authors who cannot be mapped are named on the card, not guessed. */
const secondPair: Rule = (standing, environment, deployment) => {
  const refused = approver(standing, environment, deployment);
  if (refused !== null) return refused;
  if (deployment === null || standing.actor.kind !== "slack") return null;
  const { id } = standing.actor;
  if (isAuthor(deployment, id)) return "you wrote part of this. Somebody else must say yes.";
  if (askedFor(deployment, id)) return "you asked for this deployment. Somebody else must say yes.";
  if (!standing.approver && standInFor(standing, deployment) === null)
    return `you stand in for ${standing.standsInFor.map(({ name }) => name).join(" and ")}, whose own change or request this is. Somebody else must say yes.`;
  const unknown = unknownAuthors(environment, deployment);
  if (unknown.length > 0) return `four eyes cannot be checked: nobody knows who ${unknown.join(" and ")} is in Slack.`;
  return null;
};

/** For whom this person says yes, when not by a right of their own: nobody gets by a stand-in what four eyes forbid them. Null: for nobody. */
export function standInFor(standing: Standing, deployment: Deployment): { readonly id: string; readonly name: string } | null {
  return standing.standsInFor.find(({ id }) => !isAuthor(deployment, id) && !askedFor(deployment, id)) ?? null;
}

/** Authors whom nobody could map to Slack, where that forbids every yes. */
export function unknownAuthors({ release }: Environment, deployment: Deployment): readonly string[] {
  if (release.mode !== "approval" || release.approval.unmappedAuthors !== "refuse") return [];
  return deployment.changes.authors.flatMap((author) => (author.slackId === null ? [author.name] : []));
}

function isAuthor(deployment: Deployment, id: string): boolean {
  return deployment.changes.authors.some((author) => author.slackId === id);
}

function askedFor(deployment: Deployment, id: string): boolean {
  return actorKey(deployment.requestedBy) === `slack:${id}`;
}

/** Rolling back needs no second pair of eyes: at 3 a.m. there is none. By default approvers, requesters and on-call. */
const rollBack: Rule = (standing, environment, deployment) => {
  if (standing.mayRollBack !== null) return standing.mayRollBack ? null : `only those in rollback.from of ${environment.id} may roll back.`;
  const requester = deployment !== null && actorKey(deployment.requestedBy) === actorKey(standing.actor);
  if (standing.approver || standing.onCall || requester) return null;
  return `approvers, on-call people and whoever asked for it may roll back ${environment.id}, and you are none of them.${dutyWords(standing)}`;
};

/** Somebody may be on duty and nobody know it: a refusal says so, in sentences that begin with a space. Empty: it is known. */
export function dutyWords({ dutyUnread = [] }: Standing): string {
  return dutyUnread.map((sentence) => ` ${sentence}`).join("");
}

/** What the database loses does not come back: whoever only asked for the deployment finds somebody who may say yes to one. */
const rollBackSchema: Rule = (standing, environment, deployment) => {
  const refused = rollBack(standing, environment, deployment);
  if (refused !== null || environment.release.mode !== "approval") return refused;
  if (standing.approver || standing.onCall || standing.mayRollBack === true) return null;
  return `what the database loses does not come back: approvers and on-call people of ${environment.id} may take it back. The code alone you may roll back.${dutyWords(standing)}`;
};

/** A freeze stops everybody: who says yes here, and who is called when something breaks. */
const freezer: Rule = (standing, environment) =>
  standing.approver || standing.onCall
    ? null
    : `approvers and on-call people of ${environment.id} may freeze it and lift a freeze; a lock anybody may set.${dutyWords(standing)}`;

const notTheAuthor: Rule = (standing, environment, deployment) => {
  if (
    standing.actor.kind === "slack" &&
    deployment?.changes.authors.some((author) => standing.actor.kind === "slack" && author.slackId === standing.actor.id) === true
  )
    return "you wrote part of what was rolled back. Somebody else must allow it again.";
  return rollBack(standing, environment, deployment);
};

/** "Looks good" is a second look: an author's own is none. */
const notAnAuthor: Rule = (standing, _environment, deployment) => {
  const { actor } = standing;
  const wrote = actor.kind === "slack" && deployment?.changes.authors.some((author) => author.slackId === actor.id) === true;
  return wrote ? "you wrote part of this. Somebody else has to look at it." : null;
};

/** The ends of logs are in the thread; the whole holds more than everybody who may deploy has to see. */
const logReader: Rule = (standing, environment, deployment) => {
  const { actor } = standing;
  const wrote = actor.kind === "slack" && deployment?.changes.authors.some((author) => author.slackId === actor.id) === true;
  const asked = deployment !== null && actorKey(deployment.requestedBy) === actorKey(actor);
  if (wrote || asked || standing.approver || standing.onCall || standing.mayRollBack === true) return null;
  return `the whole log is for approvers, on-call people, those who may roll back, the change's authors and whoever asked for it.${dutyWords(standing)}`;
};

const TABLE: Readonly<Record<Verb, Rule>> = {
  see: anyone,
  deploy: anyone,
  approve: secondPair,
  // Whoever may say yes now may say that it starts now.
  start_now: secondPair,
  reject: approver,
  offer_again: approver,
  delegate: ownRight,
  // Only what one gave away oneself is found, and to take it back is always safe.
  undelegate: anyone,
  validate: notAnAuthor,
  // To hold back is always safe: whoever wrote it may know best what is missing.
  not_yet: anyone,
  cancel: rollBack,
  roll_back: rollBack,
  roll_back_schema: rollBackSchema,
  stop_countdown: rollBack,
  keep_watching: rollBack,
  on_it: anyone,
  allow_again: notTheAuthor,
  resolve: rollBack,
  lock: anyone,
  unlock: anyone,
  take_over: rollBack,
  ask_unlock: anyone,
  freeze: freezer,
  unfreeze: freezer,
  mute: anyone,
  override: breakGlass,
  log_file: logReader,
  // What is said of it decides how far the judge is let to act alone: for those who answer for what runs there.
  false_alarm: rollBack,
};

/** The operator on the bot's machine is trusted to stop, undo and hold; not to say yes for others. */
const OPERATOR: ReadonlySet<Verb> = new Set([
  "override",
  "see",
  "log_file",
  "deploy",
  "cancel",
  "roll_back",
  "roll_back_schema",
  "stop_countdown",
  "lock",
  "unlock",
  "resolve",
  "take_over",
  "freeze",
  "unfreeze",
]);

/** One table for every front. Null: allowed; else the sentence for the presser. */
export function authorize(verb: Verb, standing: Standing, environment: Environment, deployment: Deployment | null): string | null {
  switch (standing.actor.kind) {
    case "greenlight":
      return null;
    case "cli":
      return OPERATOR.has(verb) ? null : `${actorName(standing.actor)} may not ${verb.replaceAll("_", " ")} from the command line.`;
    case "slack":
      return stranger(standing, environment) ?? TABLE[verb](standing, environment, deployment);
    default:
      return standing.actor satisfies never;
  }
}

/** Who may do nothing at all here, and what would let them in. */
const KEPT_OUT = {
  deactivated: { because: "your account is deactivated.", change: () => "A workspace admin can activate it again." },
  bot: { because: "bots decide nothing here.", change: () => "Somebody has to do it themselves." },
  team: {
    because: "you belong to another workspace, and this environment does not allow it.",
    change: (place: string) => `\`allow: { teams: [...] }\` of ${place} in \`greenlight.yml\` names the workspaces that it lets in.`,
  },
  guest: {
    because: "guests may not act on this environment.",
    change: (place: string) => `\`allow: { guests: true }\` of ${place} in \`greenlight.yml\` lets guests in.`,
  },
} as const;

function stranger(standing: Standing, environment: Environment): string | null {
  if (standing.deactivated) return KEPT_OUT.deactivated.because;
  if (standing.bot) return KEPT_OUT.bot.because;
  if (!standing.ours && !environment.allow.teams.includes(standing.team)) return KEPT_OUT.team.because;
  if (standing.guest && !environment.allow.guests) return KEPT_OUT.guest.because;
  return null;
}

/** What lets somebody in who may do nothing here, by why `authorize` refused them. Null: they are kept out by another rule. */
export function whatLetsIn(because: string, environment: Environment): string | null {
  return (
    Object.values(KEPT_OUT)
      .find((rule) => rule.because === because)
      ?.change(environment.name) ?? null
  );
}

/** Whose yes this environment wants, for sentences: "a yes from @product-owners". */
export function whoApproves(environment: Environment): string {
  if (environment.release.mode !== "approval") return "nobody's yes";
  return `a yes from ${environment.release.approval.from.map(refText).join(", ")}`;
}

/** A reference as people write it; ids become mentions. */
export function refText(
  ref:
    | { readonly kind: "group"; readonly handle: string }
    | { readonly kind: "id"; readonly id: string }
    | { readonly kind: "email"; readonly email: string },
): string {
  switch (ref.kind) {
    case "group":
      return ref.handle;
    case "id":
      return `<@${ref.id}>`;
    case "email":
      return ref.email;
    default:
      return ref satisfies never;
  }
}
