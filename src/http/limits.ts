/** What one sender may cost. Every figure can be lowered by a test. */
export type HttpLimits = {
  /** GitHub sends none above 25 MB; more is 413. */
  readonly bodyBytes: number;
  /** Body bytes in memory over all requests; more is 503 with Retry-After. */
  readonly inFlightBytes: number;
  readonly headersMs: number;
  /** For the whole request, headers and body. GitHub itself gives up after 10 s, GitLab by default too. */
  readonly requestMs: number;
  /** A body must bring `stallBytes` in each such window, or the sender is cut with 408. */
  readonly stallMs: number;
  readonly stallBytes: number;
};

export const HTTP_LIMITS: HttpLimits = {
  bodyBytes: 25 * 1024 * 1024,
  inFlightBytes: 64 * 1024 * 1024,
  headersMs: 10_000,
  requestMs: 60_000,
  stallMs: 5000,
  stallBytes: 20 * 1024,
};
