import { readFile } from "node:fs/promises";
import type { Config } from "../domain/config.ts";
import { ok, refuse, type Result } from "../domain/result.ts";
import { type ConfigFault, type Finding, legible, pathText } from "./fault.ts";
import { findingsOf } from "./findings.ts";
import { FileShape } from "./greenlight-yml.ts";
import { partsOf } from "./parts.ts";
import { ruleFindings } from "./rules.ts";
import { typedConfig } from "./typed.ts";
import { readYaml } from "./yaml-source.ts";

/** A configuration of a thousand environments is far below it; a wrong file named by mistake is not. */
const MOST_BYTES = 1024 * 1024;

/** Reads `greenlight.yml`: the configuration, or all its faults at once in the order of the file. */
export async function loadConfig(path: string): Promise<Result<Config, readonly ConfigFault[]>> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (fault) {
    const code = fault instanceof Error && "code" in fault ? String(fault.code) : "unknown fault";
    const says = code === "ENOENT" ? "nothing: there is no such file" : `nothing that can be read (${code})`;
    return refuse([unreadable(path, says, "the file (docs/configuration.md has a whole one), or set GREENLIGHT_CONFIG to where it is")]);
  }
  if (text.length > MOST_BYTES) return refuse([unreadable(path, "more than 1 MiB", "a smaller file")]);
  return parseConfig(text, path);
}

/** The same of a text; `file` is only what the faults call it. */
export function parseConfig(text: string, file: string): Result<Config, readonly ConfigFault[]> {
  const source = readYaml(text);
  const shape = source.value === undefined ? null : FileShape.safeParse(source.value);
  const findings: readonly Finding[] = [
    ...source.findings,
    ...(shape === null || shape.success ? [] : findingsOf(shape.error.issues, source.value)),
    ...(shape === null ? [] : ruleFindings(partsOf(source.value))),
  ];
  if (findings.length === 0 && shape?.success === true) return ok(typedConfig(shape.data));
  const faults = findings.map(({ path, at, says, write }) => ({
    file,
    ...source.place(path, at),
    path: legible(pathText(path)),
    says: legible(says),
    write: legible(write),
  }));
  return refuse(faults.toSorted((one, other) => one.line - other.line || one.column - other.column));
}

function unreadable(file: string, says: string, write: string): ConfigFault {
  return { file, line: 1, column: 1, path: "", says, write };
}
