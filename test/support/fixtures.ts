import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Recorded output of other programs, beside the repository or where GREENLIGHT_FIXTURES says. */
const FOLDER = process.env["GREENLIGHT_FIXTURES"] ?? join(import.meta.dirname, "../../../shared/fixtures");

/** Why tests over recordings of that kind cannot run here; null if they can. */
export function whyNoFixtures(kind: string): string | null {
  return existsSync(join(FOLDER, kind)) ? null : `no recordings in ${kind}: set GREENLIGHT_FIXTURES to the folder that has them`;
}

/** Where recordings of that kind are; null: they are not here. */
export function fixturesFolder(kind: string): string | null {
  return existsSync(join(FOLDER, kind)) ? join(FOLDER, kind) : null;
}

/** The commands of one recording: each begins with `$ manage.py ...` and ends with `[exit N]`. */
export function recording(
  kind: string,
  name: string,
): readonly { readonly command: string; readonly output: string; readonly exit: number }[] {
  const commands: { command: string; output: string; exit: number }[] = [];
  let lines: string[] = [];
  for (const line of readFileSync(join(FOLDER, kind, name), "utf8").split("\n")) {
    const command = /^\$ (.*)$/u.exec(line)?.[1];
    const exit = /^\[exit (\d+)\]$/u.exec(line)?.[1];
    const current = commands.at(-1);
    if (command !== undefined) {
      commands.push({ command, output: "", exit: -1 });
      lines = [];
    } else if (exit !== undefined && current !== undefined) {
      current.output = `${lines.join("\n")}\n`;
      current.exit = Number(exit);
    } else lines.push(line);
  }
  return commands;
}
