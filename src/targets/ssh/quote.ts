/** One word for a POSIX shell: inside single quotes only the quote itself needs care. */
export function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** An argv as one shell command. */
export function quoteAll(argv: readonly string[]): string {
  return argv.map(quote).join(" ");
}

/**
 * A secret's value as one line that the shell's `printf %b` turns back into the same bytes: everything
 * but letters and digits becomes an octal escape, so neither newline nor backslash nor quote travels raw.
 */
export function escapeForPrintf(value: string): string {
  return Array.from(Buffer.from(value, "utf8"), (byte) =>
    /[A-Za-z0-9]/.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : `\\0${byte.toString(8).padStart(3, "0")}`,
  ).join("");
}
