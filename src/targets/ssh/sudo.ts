/** An argv that runs by sudo, and the argv that asks sudo whether it would run it; asking runs nothing. */
export type SudoQuestion = { readonly argv: readonly string[]; readonly ask: readonly string[] };

/** More would not fit into the one command that asks them. */
const MOST = 40;

/**
 * What a host's sudo has to be asked before the first step. `sudo -l COMMAND` answers by its exit code and knows few of sudo's
 * options (sudo(8)); a command with others is not asked about rather than refused by mistake.
 */
export function sudoQuestions(commands: readonly (readonly string[])[]): readonly SudoQuestion[] {
  const questions = new Map<string, SudoQuestion>();
  for (const argv of commands) {
    const ask = questionOf(argv);
    if (ask !== null) questions.set(JSON.stringify(ask), { argv, ask });
  }
  return [...questions.values()].slice(0, MOST);
}

function questionOf(argv: readonly string[]): readonly string[] | null {
  if (argv[0] !== "sudo") return null;
  const asUser: string[] = [];
  let at = 1;
  for (; at < argv.length; at += 1) {
    const word = argv[at] ?? "";
    if (word === "--") at += 1;
    if (word === "--" || !word.startsWith("-")) break;
    if (word === "-n") continue;
    if (word !== "-u" && word !== "-g") return null;
    at += 1;
    asUser.push(word, argv[at] ?? "");
  }
  const command = argv.slice(at);
  if (command.length === 0 || command[0]?.includes("=")) return null;
  return ["sudo", "-n", "-l", ...asUser, "--", ...command];
}
