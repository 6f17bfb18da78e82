const DAY_MS = 24 * 3_600_000;
/** What people hold always ends: longer than this it belongs into the configuration, where a review sees it. */
const MOST_DAYS = 14;

/** Why nobody may hold an environment until then; null: they may. */
export function tooLong(until: Date, now: Date): string | null {
  const ms = until.getTime() - now.getTime();
  if (ms <= 0) return "it would be over at once. Say for how long, as in `for 2h`.";
  if (ms > MOST_DAYS * DAY_MS) return `${MOST_DAYS} days is the longest. For more, write \`freeze\` into greenlight.yml.`;
  return null;
}
