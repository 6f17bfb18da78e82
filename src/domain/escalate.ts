/** Whom a connection of type pager wakes, and how long people have before that. */
export type Escalate = {
  readonly afterMs: number;
  readonly to: string;
  /** Whose nights are nights: IANA, or `system` for that of the process. */
  readonly timezone: string;
};
