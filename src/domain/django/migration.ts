/** What one migration does to a database that people use; from best to worst. `unread`: nobody could tell, so it may be anything. */
export const MIGRATION_CLASSES = ["additive", "risky", "destructive", "irreversible", "unread"] as const;
/** One of the classes; what belongs to which is in `operation.ts`. */
export type MigrationClass = (typeof MIGRATION_CLASSES)[number];

/** One operation of a migration, judged. */
export type Operation = {
  /** In Django's own words: `Add field note to order`. */
  readonly text: string;
  readonly class: MigrationClass;
  /** What earlier code still asks the database for and does not find any more; null: it finds everything. */
  readonly misses: string | null;
  /** What is gone when it is undone; null: nothing. */
  readonly loses: string | null;
};

/** One migration, as good as it could be read. */
export type Migration = {
  /** `orders.0004_remove_order_note`; always of the strict form of `migrationName`. */
  readonly name: string;
  readonly class: MigrationClass;
  readonly operations: readonly Operation[];
};

/** The same without words, as it stands in a plan and is approved with it. */
export type ShownMigration = Pick<Migration, "name" | "class">;

/** An app label is a Python identifier, and a migration is a Python module: nothing else is shown as fact or sent to a host. */
const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,99}\.[A-Za-z0-9_]{1,150}$/u;

/** The text, if it is a migration's full name; null for anything else that a host may print. */
export function migrationName(text: string): string | null {
  return NAME.test(text) ? text : null;
}

/** The app of a full name. */
export function appOf(name: string): string {
  return name.slice(0, name.indexOf("."));
}

/** How bad: 0 is additive. */
export function rankOf(one: MigrationClass): number {
  return MIGRATION_CLASSES.indexOf(one);
}

/** The worst class of several; additive for none, since nothing changes then. */
export function worstOf(classes: readonly MigrationClass[]): MigrationClass {
  return classes.reduce<MigrationClass>((worst, one) => (rankOf(one) > rankOf(worst) ? one : worst), "additive");
}

/** A migration made of its operations: as bad as the worst of them. */
export function migrationOf(name: string, operations: readonly Operation[]): Migration {
  return { name, class: worstOf(operations.map((operation) => operation.class)), operations };
}

/** One that nobody could read. */
export function unreadMigration(name: string): Migration {
  return { name, class: "unread", operations: [] };
}

/** What a plan keeps of it. */
export function shownOf(migrations: readonly Migration[]): readonly ShownMigration[] {
  return migrations.map((migration) => ({ name: migration.name, class: migration.class }));
}
