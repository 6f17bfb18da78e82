/** Where in the file: keys and positions in lists, from the root. */
export type Path = readonly (string | number)[];

/** A fault that knows its path, not yet its line. `at` says whether the key or its value is to be pointed at. */
export type Finding = { readonly path: Path; readonly at: "key" | "value"; readonly says: string; readonly write: string };

/** What is wrong with the configuration, where, and what to write instead. Lines and columns count from 1. */
export type ConfigFault = {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** `apps.shop.environments.production`; empty for the file as a whole. */
  readonly path: string;
  readonly says: string;
  readonly write: string;
};

/** One line per fault, in the order given: `greenlight.yml:12:5  apps.shop: says ... Write: ...`. */
export function formatFaults(faults: readonly ConfigFault[]): string {
  return faults
    .map(
      ({ file, line, column, path, says, write }) =>
        `${file}:${line}:${column}  ${path === "" ? "(file)" : path}: says ${says}. Write: ${write}`,
    )
    .join("\n");
}

/** `["apps", "shop", "hosts", 0]` as `apps.shop.hosts[0]`. */
export function pathText(path: Path): string {
  return path.reduce<string>((text, key) => (typeof key === "number" ? `${text}[${key}]` : text === "" ? key : `${text}.${key}`), "");
}

/** Controls, marks that turn or hide text, and halves of characters as escapes: a fault shows what stands in the file, on one line. */
export function legible(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (odd) => `\\u{${(odd.codePointAt(0) ?? 0).toString(16)}}`);
}
