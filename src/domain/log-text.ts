const ESCAPE = String.fromCharCode(27);
/** CSI and OSC sequences, as terminals take them (ECMA-48). */
const SEQUENCES = new RegExp(
  `${ESCAPE}(?:\\[[0-9;?]*[ -/]*[@-~]|\\][^${String.fromCharCode(7)}${ESCAPE}]*(?:${String.fromCharCode(7)}|${ESCAPE}\\\\)|.)`,
  "gu",
);

/** Log bytes as text for people: no control sequences, progress bars reduced to what was last seen, no other control characters. */
export function logText(bytes: Uint8Array): string {
  return new TextDecoder()
    .decode(bytes)
    .replace(SEQUENCES, "")
    .split("\n")
    .map((line) => printable(line.slice(line.lastIndexOf("\r", line.length - 2) + 1)))
    .join("\n");
}

/** The last `count` lines that say something. */
export function lastLines(text: string, count: number): string {
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .slice(-count)
    .join("\n");
}

function printable(line: string): string {
  return Array.from(line, (character) =>
    (character === "\t" || character >= " ") && character !== String.fromCharCode(127) ? character : "",
  ).join("");
}
