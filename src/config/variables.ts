import { readFileSync } from "node:fs";
import type { EnvFault } from "./env-fault.ts";
import { Secret } from "./secret.ts";

export type Variables = Readonly<Record<string, string | undefined>>;

/** Redaction cannot look for shorter ones: it would blacken half of every log. */
export const SHORTEST_SECRET = 8;

/** Reads variables one by one and gathers what is wrong with them. Values never enter a fault. */
export type VariableReader = {
  readonly faults: readonly EnvFault[];
  fault(fault: EnvFault): void;
  /** Is it or its `NAME_FILE` set? */
  given(name: string): boolean;
  /** The variable or the contents of the file named by `NAME_FILE`; null if neither is given. An empty one counts as not given. */
  text(name: string): string | null;
  secret(name: string): Secret | null;
  /** Like `text`, but `NAME_FILE` may name several files with commas between; `variable` is the one that gave it. */
  texts(name: string): readonly { readonly text: string; readonly variable: string }[];
  /** An address that begins with http:// or https://. */
  address(name: string): string | null;
  /** Contents of a file that a variable names. */
  contents(name: string, path: string): string | null;
};

export function readVariables(variables: Variables): VariableReader {
  const faults: EnvFault[] = [];
  function contents(name: string, path: string): string | null {
    try {
      return readFileSync(path, "utf8");
    } catch (fault) {
      const code = fault instanceof Error && "code" in fault ? String(fault.code) : "unknown fault";
      // The path is not shown: it may be the secret itself, put into the wrong variable.
      faults.push({ name, says: `a file that cannot be read (${code})`, write: "the path of a file that this user may read" });
      return null;
    }
  }
  function text(name: string): string | null {
    const value = filled(variables[name]);
    const path = filled(variables[`${name}_FILE`]);
    if (value !== null && path !== null) {
      faults.push({ name, says: `two values, one by ${name}_FILE`, write: `either ${name} or ${name}_FILE` });
      return null;
    }
    return path === null ? value : filled(contents(`${name}_FILE`, path)?.replace(/[\r\n]+$/, "") ?? undefined);
  }
  function texts(name: string): readonly { readonly text: string; readonly variable: string }[] {
    const paths = filled(variables[`${name}_FILE`]);
    if (paths === null || filled(variables[name]) !== null) {
      const value = text(name);
      return value === null ? [] : [{ text: value, variable: name }];
    }
    const files = paths.split(",").map((path) => path.trim());
    return files.flatMap((path) => {
      const found = path === "" ? null : contents(`${name}_FILE`, path);
      return found === null ? [] : [{ text: found, variable: `${name}_FILE` }];
    });
  }
  function secret(name: string): Secret | null {
    const value = text(name);
    if (value === null) return null;
    if (value.trim().length >= SHORTEST_SECRET) return new Secret(value.trim());
    faults.push({
      name,
      says: `a secret under ${SHORTEST_SECRET} characters`,
      write: "a longer one: so short a text cannot be kept out of logs",
    });
    return null;
  }
  function address(name: string): string | null {
    const words = text(name);
    if (words === null || (/^https?:\/\/\S+$/.test(words) && URL.canParse(words))) return words;
    faults.push({ name, says: "something that is not an address", write: "an address that begins with https:// or http://" });
    return null;
  }
  const given = (name: string): boolean => filled(variables[name]) !== null || filled(variables[`${name}_FILE`]) !== null;
  return { faults, fault: (fault) => void faults.push(fault), given, text, texts, secret, address, contents };
}

function filled(value: string | undefined): string | null {
  return value === undefined || value.trim() === "" ? null : value;
}
