import type { LoggedStep } from "../../../src/domain/django/course.ts";
import { migrationOf, type Migration } from "../../../src/domain/django/migration.ts";
import { operationOf } from "../../../src/domain/django/operation.ts";
import type { Migrations } from "../../../src/domain/django/record.ts";
import type { DeploymentId } from "../../../src/domain/ids.ts";
import { approved, MONDAY, NOTHING, rechecked, requested, type Model } from "../model.ts";

export function described(name: string, ...texts: readonly string[]): Migration {
  return migrationOf(
    name,
    texts.map((text) => operationOf(text, { sql: ['ADD COLUMN "total" integer NULL'], reversible: text.startsWith("Raw") ? false : null })),
  );
}

export const ADDS = described("orders.0002_order_total", "Add field total to order");
export const DROPS = described("orders.0003_remove_order_note", "Remove field note from order");

export function found(pending: readonly Migration[] | null, over: Partial<Migrations> = {}): Migrations {
  return { pending, source: "web-1", applied: null, doubtful: [], undone: [], leaves: { orders: "0001_initial" }, ...over };
}

/** Asked for and started, with these migrations shown and, by the end, recorded. */
export function startedWith(model: Model, number: number, migrations: Migrations): DeploymentId {
  const command = requested(number, { changes: { ...NOTHING, migrations } });
  model.must(command);
  if (model.state(command.id) === "awaiting_approval") model.must(approved(model, command.id));
  model.must(rechecked(model));
  return command.id;
}

export function row(step: string, host: string, over: Partial<LoggedStep> = {}): LoggedStep {
  return {
    step,
    host,
    attempt: 1,
    status: "done",
    note: null,
    finishedAt: MONDAY,
    head: Buffer.alloc(0),
    tail: Buffer.alloc(0),
    ...over,
  };
}
