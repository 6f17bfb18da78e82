import type { Button } from "@slack/types";
import type { DeploymentCard } from "../../domain/card.ts";
import type { Deployment } from "../../domain/deployment.ts";
import { few, type Back } from "../../domain/django/back.ts";
import { MIGRATION_CLASSES, rankOf, worstOf, type MigrationClass } from "../../domain/django/migration.ts";
import { shortSha } from "../../domain/ids.ts";
import { ACTIONS } from "../action-ids.ts";
import { encodeValue, pressedOf } from "../action-value.ts";
import { foreign, plain } from "../escape.ts";
import { LIMITS } from "../limits.ts";
import { count, list } from "../words.ts";
import { button } from "./blocks.ts";

type WithSchema = Extract<Back, { kind: "code_and_schema" }>;

/** A confirmation holds 300 characters in all; what goes comes first. */
const MOST_LOST = 180;

const CLASS_WORDS: Readonly<Record<MigrationClass, string>> = {
  additive: "additive",
  risky: "risky",
  destructive: "destructive",
  irreversible: "irreversible",
  unread: "that nobody could read",
};

/** "*Database:* 3 migrations: 2 additive, 1 destructive." Their names are in the thread. Null: there are none, or nobody knows. */
export function databaseLine(card: DeploymentCard): string | null {
  const pending = card.deployment.changes.migrations?.pending ?? null;
  if (pending === null || pending.length === 0) return null;
  const classes = MIGRATION_CLASSES.flatMap((one) => {
    const number = pending.filter((migration) => migration.class === one).length;
    return number === 0 ? [] : [`${number} ${CLASS_WORDS[one]}`];
  });
  const icon = rankOf(worstOf(pending.map((migration) => migration.class))) >= rankOf("destructive") ? "warning" : "white_check_mark";
  return `:${icon}: *Database:* ${count(pending.length, "migration")}, ${list(classes)}; by name in the thread`;
}

/** Whether anything is saved before data goes. Null: none goes. */
export function backupLine(card: DeploymentCard): string | null {
  const pending = card.deployment.changes.migrations?.pending ?? null;
  if (pending === null || rankOf(worstOf(pending.map((migration) => migration.class))) < rankOf("destructive")) return null;
  return card.deployment.plan.steps.some((step) => step.name === "backup")
    ? ":white_check_mark: *Backup:* made before it migrates; if it fails, nothing is migrated"
    : ":warning: *Backup:* none is configured, and data goes";
}

/** Earlier code does not run on the database as it is: the one way back takes the schema along. Null: another way, or none. */
export function schemaBack(card: DeploymentCard): WithSchema | null {
  const { back } = card.undo;
  return back?.kind === "code_and_schema" && card.wayBack !== null ? back : null;
}

/** Is there no way back but by hand? */
export function onlyByHand(card: DeploymentCard): boolean {
  return card.undo.back?.kind === "by_hand";
}

/** "By hand: ..." where nothing of ours can do it. */
export function byHandLine(card: DeploymentCard): string | null {
  const { back } = card.undo;
  return back?.kind === "by_hand" ? `*By hand:* ${foreign(back.byHand.join(" "), LIMITS.sentence)}` : null;
}

/** Its own button and its own confirmation, which names what data goes. */
export function rollBackSchemaButton(card: DeploymentCard, back: WithSchema): Button | null {
  if (card.wayBack === null) return null;
  const short = shortSha(card.wayBack.revision);
  const lost = plain(few(back.loses, 5), MOST_LOST);
  return button({
    action: ACTIONS.rollBackSchema,
    label: "Roll back database…",
    spoken: `Roll back code and database of ${card.app} in ${card.environment.name} to ${short}`,
    style: "danger",
    value: encodeValue(pressedOf(card.deployment)),
    confirm: {
      title: "Roll back code and database?",
      text: `${lost === "" ? "" : `This goes: ${lost}. `}${count(back.undo.names.length, "migration")} undone, then the code goes back to ${short}.`,
      yes: "Undo and roll back",
      no: "Keep it",
      danger: true,
    },
  });
}

/** What a rollback does to the database, as its plan says. */
export function rollbackWords(rollback: Deployment, tense: "does" | "did"): string {
  const undoes = rollback.plan.steps.some((step) => step.id === "undo-migrate");
  if (!undoes) return tense === "does" ? "Code only, the database is not changed." : "Code only, the database was not touched.";
  const undone = rollback.changes.migrations?.undone ?? [];
  return tense === "does" || undone.length === 0
    ? "Code and database."
    : `Code and database: ${foreign(few(undone), LIMITS.sentence)} undone.`;
}
