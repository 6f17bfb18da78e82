import type { ChangeSet } from "../../src/domain/deployment.ts";
import { migrationOf, type Migration } from "../../src/domain/django/migration.ts";
import { operationOf, type OperationHints } from "../../src/domain/django/operation.ts";
import { EARLIER, LATER } from "./stage.ts";

/** One change, and what its migrations did on the servers; null: nobody could tell. */
export function changesWith(migrations: readonly Migration[] | null): ChangeSet {
  const author = { name: "Bob", email: "bob@acme.test", login: null, slackId: "UBOB" };
  const change = { revision: LATER, title: "feat: pay by invoice", author, url: null, pullRequest: null };
  const applied = migrations?.map(({ name }) => name) ?? null;
  return {
    changes: [change],
    complete: true,
    behind: 0,
    compareUrl: null,
    authors: [author],
    migrations: { pending: migrations, source: "web-1", applied, doubtful: [], undone: [], leaves: { orders: "0001_initial" } },
  };
}

/** With a change before it, and what each of the two changes; undefined: as it is. */
export function withFiles(brought: ChangeSet, files: readonly [readonly string[], readonly string[]] | undefined): ChangeSet {
  const [last] = brought.changes;
  if (files === undefined || last === undefined) return brought;
  const [before, after] = files;
  const changes = [
    { ...last, revision: EARLIER, title: "docs: say how to pay", files: before },
    { ...last, files: after },
  ];
  return { ...brought, changes, files: files.flat() };
}

/** A migration of one operation, in Django's own words; `hints`: what `sqlmigrate` says of it, and of its way back. */
export function migration(name: string, operation: string, hints: Partial<OperationHints> = {}): Migration {
  return migrationOf(name, [operationOf(operation, { sql: null, reversible: null, ...hints })]);
}
