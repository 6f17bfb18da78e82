import { rankOf, worstOf, type Migration, type ShownMigration } from "./migration.ts";

/** What people were shown, or null when nobody could read it; `asked`: does this environment ask people for a yes. */
export type Expectation = { readonly shown: readonly ShownMigration[] | null; readonly asked: boolean };

/** From here on people have to know: data goes, or cannot come back. */
const GRAVE = rankOf("destructive");

/**
 * Is the true plan worse than what was shown? Null: it is not; else why, as a sentence. Where people are asked, anything counts
 * that they were not shown, and nothing that nobody could read passes for harmless. Where nobody is asked there is nobody to ask
 * again either: there only harm counts that nobody knew of.
 */
export function worseThanShown(truth: readonly Migration[] | null, expectation: Expectation): string | null {
  return expectation.asked ? worseForPeople(truth, expectation.shown) : worseUnasked(truth, expectation.shown);
}

function worseForPeople(truth: readonly Migration[] | null, shown: readonly ShownMigration[] | null): string | null {
  if (truth === null) return shown === null ? null : "the server did not tell its migrations in a way that could be read";
  if (shown === null) {
    const grave = truth.filter((migration) => rankOf(migration.class) >= GRAVE);
    return grave.length === 0 ? null : `nobody had read the migrations, and now they are: ${listed(grave)}`;
  }
  return surprises(truth, shown, (migration, before) => before === undefined || rankOf(migration.class) > rankOf(before.class));
}

function worseUnasked(truth: readonly Migration[] | null, shown: readonly ShownMigration[] | null): string | null {
  if (truth === null || shown === null) return null;
  return surprises(
    truth,
    shown,
    (migration, before) => rankOf(migration.class) >= GRAVE && (before === undefined || rankOf(before.class) < GRAVE),
  );
}

function surprises(
  truth: readonly Migration[],
  shown: readonly ShownMigration[],
  isWorse: (migration: Migration, before: ShownMigration | undefined) => boolean,
): string | null {
  const before = new Map(shown.map((migration) => [migration.name, migration]));
  const unknown = truth.filter((migration) => !before.has(migration.name) && isWorse(migration, undefined));
  const worse = truth.filter((migration) => before.has(migration.name) && isWorse(migration, before.get(migration.name)));
  const said = [
    ...(unknown.length === 0 ? [] : [`${listed(unknown)} ${unknown.length === 1 ? "was" : "were"} not shown`]),
    ...worse.map((migration) => `${migration.name} is ${migration.class}, shown as ${before.get(migration.name)?.class ?? "nothing"}`),
  ];
  return said.length === 0 ? null : said.join("; ");
}

/** What nobody could tell on the server, its file in the repository may have told: it is the same revision. */
export function withKnown(truth: readonly Migration[], known: readonly Migration[] | null): readonly Migration[] {
  const files = new Map((known ?? []).map((migration) => [migration.name, migration]));
  return truth.map((migration) => (migration.class === "unread" ? (files.get(migration.name) ?? migration) : migration));
}

/** "orders.0003_backfill (irreversible), orders.0004_x (additive) and 2 more". */
function listed(migrations: readonly ShownMigration[], most = 3): string {
  const words = migrations.slice(0, most).map((migration) => `${migration.name} (${migration.class})`);
  const more = migrations.length - words.length;
  return more > 0 ? `${words.join(", ")} and ${more} more` : words.join(", ");
}

/** Does it take data away, so that a backup is made first? What nobody could read may. */
export function wantsBackup(migrations: readonly ShownMigration[] | null): boolean {
  return migrations === null || rankOf(worstOf(migrations.map((migration) => migration.class))) >= GRAVE;
}
