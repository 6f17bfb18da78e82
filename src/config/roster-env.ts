import { guardedAddressOf } from "./guarded-env.ts";
import { named, type Names } from "./named-variable.ts";
import type { Secret } from "./secret.ts";
import type { VariableReader } from "./variables.ts";

/** Where a duty roster is, and what we show there. `token` null: it asks for none. */
export type RosterEnv = { readonly url: string | Secret; readonly token: Secret | null };

/** Null: what the file names is not given, or is none; the reader holds the faults. */
export function rosterOf(read: VariableReader, names: Names): RosterEnv | null {
  const url = guardedAddressOf(read, names, "roster");
  const token = named(read, names, "token");
  return url === null || (token === null && names.variables["token"] !== undefined) ? null : { url, token };
}
