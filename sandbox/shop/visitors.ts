import { request } from "node:http";

export type Visitors = ReturnType<typeof startVisitors>;

/** Of ten visits seven are to the basket, the rest to the front page. */
const BASKET_SHARE = 0.7;
const TIMEOUT_MS = 5_000;

/**
 * People using the shop: `perSecond` visits in all, round robin over the addresses, each by one of `users` visitors.
 * A server that does not answer costs a visit, never an exception.
 */
export function startVisitors(options: { readonly urls: readonly string[]; readonly perSecond?: number; readonly users?: number }) {
  const perSecond = options.perSecond ?? 20;
  const users = options.users ?? 400;
  const seen = { ok: 0, failed: 0, unanswered: 0 };
  const underway = new Set<Promise<void>>();
  let visit = 0;

  async function go(number: number): Promise<void> {
    const base = options.urls[number % options.urls.length] ?? "";
    // A step that shares no factor with the number of visitors, so that all of them come by.
    const user = 1 + ((number * 7) % users);
    const path = (number * 0.618) % 1 < BASKET_SHARE ? "/basket" : "/";
    const status = await statusOf(new URL(path, base), user);
    seen[status === null ? "unanswered" : status < 500 ? "ok" : "failed"] += 1;
  }

  const timer = setInterval(() => {
    const work = go((visit += 1));
    underway.add(work);
    void work.finally(() => underway.delete(work));
  }, 1000 / perSecond);

  return {
    /** What the visitors met so far. */
    counts: () => ({ ...seen }),
    stop: async () => {
      clearInterval(timer);
      await Promise.allSettled(underway);
    },
  };
}

/** A connection per visit: after a restart nobody hangs on to the old server. */
function statusOf(url: URL, user: number): Promise<number | null> {
  return new Promise((done) => {
    const sent = request(url, { agent: false, timeout: TIMEOUT_MS, headers: { "x-visitor": String(user) } }, (response) => {
      response.resume();
      response.once("end", () => done(response.statusCode ?? null));
      response.once("error", () => done(null));
    });
    sent.once("timeout", () => sent.destroy());
    sent.once("error", () => done(null));
    sent.end();
  });
}
