import type { Command } from "commander";
import { configPathOf } from "../config/env.ts";
import { formatFaults } from "../config/fault.ts";
import { loadConfig } from "../config/load.ts";
import { EXIT } from "./exit.ts";
import { summaryOf } from "./summary.ts";

export function addCheck(program: Command): void {
  program
    .command("check")
    .argument("[file]", "the configuration; otherwise GREENLIGHT_CONFIG or greenlight.yml")
    .description("read the configuration and say what it means, or everything that is wrong with it")
    .action(async (file: string | undefined) => {
      const { exitCode, output } = await check(file ?? configPathOf(process.env));
      (exitCode === EXIT.ok ? process.stdout : process.stderr).write(`${output}\n`);
      process.exitCode = exitCode;
    });
}

/** Reads the file alone: no secret is needed to check, so that it can run in any CI. */
export async function check(path: string): Promise<{ readonly exitCode: 0 | 1; readonly output: string }> {
  const config = await loadConfig(path);
  if (config.ok) return { exitCode: EXIT.ok, output: `${path} is good.\n\n${summaryOf(config.value)}` };
  const { length } = config.refusal;
  return { exitCode: EXIT.no, output: `${formatFaults(config.refusal)}\n${length} ${length === 1 ? "fault" : "faults"} in ${path}` };
}
