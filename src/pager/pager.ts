import type { Pager, PagerAnswer } from "../domain/page.ts";
import { pagerDutyBody } from "./pagerduty.ts";
import { signed, signingKey } from "./signed.ts";

/** Where calls go, and what they are known by there. */
export type PagerAccount = { readonly url: string } & (
  | { readonly shape: "pagerduty"; readonly routingKey: string }
  | { readonly shape: "plain"; readonly secret: string }
);

/** Long enough for a slow receiver; a call that hangs is made again. */
const TIMEOUT_MS = 10_000;
/** `Retry-After: 99999999` must not silence a pager. */
const MOST_PAUSE_MS = 5 * 60_000;
/** Too early, too many, or not now: all that may be taken later. PagerDuty documents 429 and 5xx. */
const LATER: ReadonlySet<number> = new Set([408, 425, 429]);

/** The pagers of the configuration. @throws when a secret cannot sign: a fault of the configuration, found at the start. */
export function createPager(deps: {
  readonly accounts: ReadonlyMap<string, PagerAccount>;
  readonly now: () => Date;
  readonly timeoutMs?: number;
}): Pager {
  const { now } = deps;
  const timeoutMs = deps.timeoutMs ?? TIMEOUT_MS;
  const senders = new Map([...deps.accounts].map(([name, account]) => [name, senderOf(account)]));
  return {
    async call(connection, id, page) {
      const sender = senders.get(connection);
      if (sender === undefined) return { kind: "refused", because: `there is no pager "${connection}" under connections` };
      const { body, headers } = sender.of({ id, at: now(), page });
      return send({ url: sender.url, body, headers, timeoutMs, now });
    },
    async reach(connection) {
      const sender = senders.get(connection);
      if (sender === undefined) return `there is no pager "${connection}" under connections`;
      // Any answer will do: what is asked is whether somebody is there.
      return fetch(new URL("/", sender.url), { method: "HEAD", redirect: "manual", signal: AbortSignal.timeout(timeoutMs) }).then(
        () => null,
        (fault: unknown) => `${hostOf(sender.url)} cannot be reached (${causeOf(fault)})`,
      );
    },
  };
}

type Letter = { readonly body: string; readonly headers: Readonly<Record<string, string>> };
type Sender = { readonly url: string; of(call: Parameters<typeof signed>[1]): Letter };

function senderOf(account: PagerAccount): Sender {
  if (account.shape === "pagerduty")
    return { url: account.url, of: ({ page }) => ({ body: JSON.stringify(pagerDutyBody(account.routingKey, page)), headers: {} }) };
  const key = signingKey(account.secret);
  return { url: account.url, of: (call) => signed(key, call) };
}

async function send(call: Letter & { readonly url: string; readonly timeoutMs: number; now(): Date }): Promise<PagerAnswer> {
  try {
    const response = await fetch(call.url, {
      method: "POST",
      body: call.body,
      headers: { "content-type": "application/json", "user-agent": "greenlight", ...call.headers },
      // Followed, a redirect would carry the call, and the key in it, to somebody else.
      redirect: "manual",
      signal: AbortSignal.timeout(call.timeoutMs),
    });
    // Its status says all; what else it says is not read, however long it is.
    await response.body?.cancel();
    return answerOf(response, call);
  } catch (fault) {
    return { kind: "again", because: `${hostOf(call.url)} cannot be reached (${causeOf(fault)})`, afterMs: null };
  }
}

function answerOf(response: Response, { url, now }: { readonly url: string; now(): Date }): PagerAnswer {
  const { status } = response;
  if (status >= 200 && status < 300) return { kind: "taken" };
  if (status >= 500 || LATER.has(status))
    return { kind: "again", because: `${hostOf(url)} answers HTTP ${status}`, afterMs: pauseOf(response, now()) };
  if (status >= 300 && status < 400)
    return { kind: "refused", because: `${hostOf(url)} redirects elsewhere: set its url to where it really is` };
  return { kind: "refused", because: `${hostOf(url)} refuses the call (HTTP ${status})` };
}

/** Milliseconds; null: it does not say. */
function pauseOf(response: Response, now: Date): number | null {
  const header = response.headers.get("retry-after") ?? "";
  const asked = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now.getTime();
  return Number.isNaN(asked) ? null : Math.min(MOST_PAUSE_MS, Math.max(1000, asked));
}

/** Never the whole address: the rest of it may be the secret. */
function hostOf(url: string): string {
  return new URL(url).host;
}

/** The code of the network fault (ECONNREFUSED ...), which is what an operator can search for. */
function causeOf(fault: unknown): string {
  if (fault instanceof Error && fault.name === "TimeoutError") return "no answer in time";
  const cause = fault instanceof Error ? (fault.cause ?? fault) : fault;
  if (typeof cause === "object" && cause !== null && "code" in cause && typeof cause.code === "string") return cause.code;
  return cause instanceof Error ? cause.name : "unknown fault";
}
