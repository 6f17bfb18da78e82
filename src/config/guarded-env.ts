import { isGuarded } from "./guarded-address.ts";
import { named, type Names } from "./named-variable.ts";
import type { Secret } from "./secret.ts";
import type { VariableReader } from "./variables.ts";

/** The address of a connection that the file gives, or a variable that it names. Null: none, or none that may be used; the reader holds the fault. */
export function guardedAddressOf(read: VariableReader, names: Names, whose: string): string | Secret | null {
  const name = names.variables["url"];
  if (name === undefined) return names.url;
  const secret = named(read, names, "url");
  if (secret === null) return null;
  if (URL.canParse(secret.reveal()) && /^https?:/.test(secret.reveal()) && isGuarded(secret.reveal())) return secret;
  read.fault({ name, says: "something that is not an https address", write: `the ${whose}'s address, which begins with https://` });
  return null;
}
