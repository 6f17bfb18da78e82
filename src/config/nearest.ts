/** The word that was probably meant, or null if none is near: a third of the letters, at least one, may differ. */
export function nearest(word: string, known: readonly string[]): string | null {
  const limit = Math.max(1, Math.floor(word.length / 3));
  let best: { word: string; distance: number } | null = null;
  for (const candidate of known) {
    if (Math.abs(candidate.length - word.length) > limit) continue;
    const distance = distanceOf(word.toLowerCase(), candidate.toLowerCase());
    if (distance <= limit && (best === null || distance < best.distance)) best = { word: candidate, distance };
  }
  return best?.word ?? null;
}

/** `one, two or three`, each as code. */
function choices(words: readonly string[]): string {
  const quoted = words.map((word) => `\`${word}\``);
  const last = quoted.at(-1) ?? "nothing";
  return quoted.length < 2 ? last : `${quoted.slice(0, -1).join(", ")} or ${last}`;
}

/** What to write in place of a word outside the list: the nearest first, when there is one. */
export function choiceInstead(word: unknown, known: readonly string[]): string {
  const near = typeof word === "string" ? nearest(word, known) : null;
  if (near === null) return choices(known);
  const others = known.filter((candidate) => candidate !== near);
  return others.length === 0 ? `\`${near}\`` : `\`${near}\` (or ${choices(others)})`;
}

/** Levenshtein distance, except that two neighbouring letters swapped count once: the commonest slip of all. */
function distanceOf(one: string, other: string): number {
  const rows: number[][] = [Array.from({ length: other.length + 1 }, (_, column) => column)];
  const at = (row: number, column: number): number => rows[row]?.[column] ?? 0;
  for (let row = 1; row <= one.length; row += 1) {
    rows[row] = [row];
    for (let column = 1; column <= other.length; column += 1) {
      const same = one[row - 1] === other[column - 1];
      const swapped = row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      const steps = [at(row - 1, column) + 1, at(row, column - 1) + 1, at(row - 1, column - 1) + (same ? 0 : 1)];
      rows[row]?.push(Math.min(...steps, ...(swapped ? [at(row - 2, column - 2) + 1] : [])));
    }
  }
  return at(one.length, other.length);
}
