import { execFileSync, spawnSync } from "node:child_process";

/** The shells of this machine that a host may have as `sh`. `sh` itself is always among them. */
export const SHELLS: readonly { readonly name: string; readonly argv: readonly [string, ...string[]] }[] = [
  { name: "sh", argv: ["sh"] as const },
  { name: "bash", argv: ["bash", "--norc", "--noprofile"] as const },
  { name: "busybox sh", argv: ["busybox", "sh"] as const },
].filter(({ argv: [program, ...words] }) => spawnSync(program, [...words, "-c", "exit 7"]).status === 7);

/** What one line of shell prints, as words that end in NUL. @throws when it fails. */
export function printedWords(
  line: string,
  options: { readonly cwd: string; readonly shell?: readonly [string, ...string[]]; readonly env?: Readonly<Record<string, string>> },
): readonly string[] {
  const [program, ...words] = options.shell ?? ["sh"];
  const env = { PATH: process.env["PATH"], HOME: options.cwd, ...options.env };
  const printed = execFileSync(program, [...words, "-c", line], { cwd: options.cwd, env, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
  return printed.split("\0").slice(0, -1);
}
