/** One command that was run on a host, as `commands.ts` prints it. */
export type ReportedCommand = {
  readonly title: string;
  readonly lines: readonly string[];
  readonly errors: readonly string[];
  readonly exit: number;
};

/** What a step reported. `whole`: nothing of it was dropped on the way; `ended`: it came to its end. */
export type StepReport = { readonly commands: readonly ReportedCommand[]; readonly whole: boolean; readonly ended: boolean };

const BEGIN = /^== greenlight (\d+) (.+)$/u;
const EXIT = /^== exit (\d+) lines (\d+)$/u;
const END = /^== greenlight end (\d+)$/u;

/** The commands in a step's stored log; of which a line is missing, since the middle of a long log is dropped, is left out. */
export function parseReport(log: string): StepReport {
  const commands: ReportedCommand[] = [];
  let open: { title: string; lines: string[]; errors: string[] } | null = null;
  let begun = 0;
  let inTurn = true;
  let end = -1;
  for (const line of log.split("\n")) {
    const begin = BEGIN.exec(line);
    const exit = EXIT.exec(line);
    if (begin !== null && END.exec(line) === null) {
      begun += 1;
      inTurn &&= Number(begin[1]) === begun;
      open = { title: begin[2] ?? "", lines: [], errors: [] };
    } else if (exit !== null) {
      if (open !== null && open.lines.length === Number(exit[2])) commands.push({ ...open, exit: Number(exit[1]) });
      open = null;
    } else if (open !== null && line.startsWith("| ")) open.lines.push(line.slice(2));
    else if (open !== null && line.startsWith("! ")) open.errors.push(line.slice(2));
    end = Number(END.exec(line)?.[1] ?? end);
  }
  return { commands, whole: inTurn && open === null && commands.length === begun && (end === -1 || end === begun), ended: end !== -1 };
}

/** The output of the last command of that title that succeeded; null: there is none. */
export function reportedBy(report: StepReport, title: string): string | null {
  const found = report.commands.findLast((command) => command.title === title && command.exit === 0);
  return found === undefined ? null : found.lines.join("\n");
}

/** A log without what was printed for us: what a person wants to read in a thread. */
export function withoutReport(log: string): string {
  return log
    .split("\n")
    .filter((line) => ![BEGIN, EXIT, END].some((form) => form.test(line)) && !line.startsWith("| "))
    .join("\n")
    .trimEnd();
}
