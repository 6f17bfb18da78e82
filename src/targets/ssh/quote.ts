/** One word for a POSIX shell: inside single quotes only the quote itself needs care. */
export function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** An argv as one shell command. */
export function quoteAll(argv: readonly string[]): string {
  return argv.map(quote).join(" ");
}
