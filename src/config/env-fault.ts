/** What is wrong with an environment variable, and what to write instead. It never holds a value. */
export type EnvFault = { readonly name: string; readonly says: string; readonly write: string };

/** One line per fault: `GITHUB_WEBHOOK_SECRET: says nothing. Write: ...`. */
export function formatEnvFaults(faults: readonly EnvFault[]): string {
  return faults.map(({ name, says, write }) => `${name}: says ${says}. Write: ${write}`).join("\n");
}
