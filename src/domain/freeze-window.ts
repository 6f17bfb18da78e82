/** As the file writes them. */
export type Weekday = "mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun";
/** Calendar days as `2026-12-24`, both of them included. */
export type DateRange = { readonly first: string; readonly last: string };
/** Wall-clock window in its own time zone; `to` at or before `from` runs over midnight and belongs to its first day. */
export type FreezeWindow = {
  /** Only on these days of the week. */
  readonly days: readonly Weekday[];
  /** Only on these dates; absent: on any. */
  readonly dates?: readonly DateRange[];
  readonly from: string;
  readonly to: string;
  readonly timezone: string;
  readonly reason: string | null;
};
