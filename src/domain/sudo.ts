import type { Plan } from "./plan.ts";

/**
 * What a plan runs by sudo on one host, each from the word `sudo` on, for the host to be asked beforehand whether it may. A program
 * that is named by a path of its own lies in a checkout which may not be there yet: nothing is asked of it.
 */
export function sudoCommands(plan: Pick<Plan, "steps">, host: string): readonly (readonly string[])[] {
  const found = plan.steps
    .filter((step) => step.host === host)
    .flatMap(({ argv }) => {
      const at = argv.findIndex((word, index) => word === "sudo" && argv[index + 1] === "-n" && (index === 0 || isWrapped(argv)));
      const words = at === -1 ? [] : argv.slice(at);
      return words.length > 2 && !isOfCheckout(words) ? [words] : [];
    });
  return [...new Map(found.map((words) => [JSON.stringify(words), words])).values()];
}

/** One of our scripts with the command behind it. */
function isWrapped(argv: readonly string[]): boolean {
  return argv[0] === "sh" && argv[1] === "-c" && argv[2]?.includes('"$@"') === true;
}

function isOfCheckout(words: readonly string[]): boolean {
  const start = words[2] === "-u" ? 4 : 2;
  const rest = words.slice(words[start] === "--" ? start + 1 : start);
  const program = rest[0] === "env" ? rest.slice(1).find((word) => !word.includes("=")) : rest[0];
  return program?.includes("/") === true && !program.startsWith("/");
}
