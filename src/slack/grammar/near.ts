/** Which names a slip of the finger could have meant. */

/** More are no help. */
const MOST = 3;
/** A name that was only begun is as near as one slip and a half. */
const BEGUN = 1.5;

/** Best first: within two slips of the finger (one for short names), or names that begin so. Ties are all named. */
export function near(word: string, names: readonly string[]): readonly string[] {
  const lower = word.toLowerCase();
  const ranked = [...new Set(names)]
    .flatMap((name) => {
      const wrong = slips(lower, name.toLowerCase());
      if (wrong <= Math.min(2, Math.floor(name.length / 2))) return [{ name, distance: wrong }];
      return lower.length >= 2 && name.toLowerCase().startsWith(lower) ? [{ name, distance: BEGUN }] : [];
    })
    .toSorted((left, right) => left.distance - right.distance);
  const best = ranked[0]?.distance ?? 0;
  return ranked
    .filter(({ distance }) => distance < best + 1)
    .slice(0, MOST)
    .map(({ name }) => name);
}

/** Is it one slip away from the word, and not the word itself? */
export function isSlipOf(word: string, wanted: string): boolean {
  return slips(word.toLowerCase(), wanted) === 1;
}

/** Optimal string alignment distance: insert, delete, replace, swap of neighbours; 3 for anything above two. */
function slips(left: string, right: string): number {
  if (Math.abs(left.length - right.length) > 2) return 3;
  let older: number[] = [];
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= right.length; column += 1) {
      const same = left[row - 1] === right[column - 1];
      const swapped = row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      current[column] = Math.min(
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + (same ? 0 : 1),
        swapped ? (older[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    older = previous;
    previous = current;
  }
  return Math.min(3, previous[right.length] ?? 3);
}
