/** Longer than any answer takes on a busy host, shorter than a driver's patience. */
export const ANSWER_MS = 60_000;

/** Least space and least inodes for `acquire`: a step takes about ten files, and a checkout must fit. */
export const LEAST_FREE_BYTES = 16 * 1024 * 1024;
export const LEAST_FREE_INODES = 1000;

/** Between TERM and KILL when a step's time is over. */
export const TIMEOUT_GRACE_SECONDS = 10;

/** A guard without a step goes after this long; the next step asks for a new one. */
export const GUARD_IDLE_SECONDS = 300;

/**
 * A step that has printed more is ended: 50 MB of output are fine, a loop that prints for ever must not fill the disk. Looked at
 * once a second, so a fast one gets somewhat further.
 */
export const LOG_BYTES = 512 * 1024 * 1024;

/** What stays on a host of runs that are closed: their number, their size, and the tombstones of older ones. */
export const KEPT_RUNS = 20;
export const KEPT_BYTES = 1024 * 1024 * 1024;
export const KEPT_TOMBSTONES = 1000;
