import { Command, CommanderError } from "commander";
import { addBotCommands } from "./bot-commands.ts";
import { addCheck } from "./check.ts";
import { EXIT } from "./exit.ts";
import { addReplay } from "./replay.ts";
import { addStart } from "./start.ts";

/** The command line. Each command lives in a file of its own, adds itself here, and sets `process.exitCode`. */
function createProgram(): Command {
  const program = new Command("greenlight")
    .description("Continuous delivery from Slack: the decision stays human.")
    .configureOutput({ outputError: (words, write) => write(`${oneLine(words)} See \`greenlight --help\`.\n`) })
    .exitOverride()
    .helpCommand(false);
  addStart(program);
  addCheck(program);
  addReplay(program);
  addBotCommands(program);
  return program;
}

/** Runs one command line (without node and script); wrong usage is one line on stderr and exit code 2. */
export async function run(argv: readonly string[]): Promise<void> {
  try {
    await createProgram().parseAsync([...argv], { from: "user" });
  } catch (fault) {
    if (!(fault instanceof CommanderError)) throw fault;
    process.exitCode = fault.exitCode === 0 ? EXIT.ok : EXIT.usage;
  }
}

function oneLine(words: string): string {
  const line = words
    .trim()
    .replace(/^error: /, "greenlight: ")
    .replaceAll("\n", " ");
  return /[.?)]$/.test(line) ? line : `${line}.`;
}
