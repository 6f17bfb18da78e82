import type { Secret } from "./secret.ts";
import type { VariableReader } from "./variables.ts";

/** The names of one connection's variables: the fixed ones for `default`, else those that the file gives. */
export type Names = { readonly url: string | null; readonly declared: boolean; readonly variables: Readonly<Record<string, string>> };

/** What Standard Webhooks calls a secret: base64 behind `whsec_`. */
export const SIGNING_TOKEN = /^whsec_[A-Za-z0-9+/]{16,}={0,2}$/;

/** A variable that the file names must exist; those of `default` need not. */
export function named(read: VariableReader, names: Names, key: string): Secret | null {
  const name = names.variables[key];
  if (name === undefined) return null;
  if (names.declared && !read.given(name)) {
    read.fault({
      name,
      says: "nothing, but greenlight.yml names it under `connections:`",
      write: `the ${key.replaceAll("_", " ")} of that connection`,
    });
    return null;
  }
  return read.secret(name);
}
