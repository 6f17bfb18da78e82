/** What a change is called in a message about it, at most. */
const TITLE_LENGTH = 90;

/** The title of a change in quotes: its first line, cut where it is long. Foreign text, to be escaped by whoever shows it. */
export function titled(title: string): string {
  const line = title.split("\n", 1)[0] ?? "";
  return `“${line.length <= TITLE_LENGTH ? line : `${line.slice(0, TITLE_LENGTH - 1)}…`}”`;
}
