import type { RosterAnswer, Rosters } from "../domain/duty.ts";
import { answerOf } from "./answer.ts";

/** Where a duty roster is, and what we show there. `token` null: nothing. */
export type RosterAccount = { readonly url: string; readonly token: string | null };

/** A form has to open within Slack's three seconds, and an alert waits for nobody longer. */
const TIMEOUT_MS = 2_000;
/** A list of the few who are on duty; no page of a wiki. Bytes. */
const MOST_BYTES = 64 * 1024;
/** So long a shift may have ended without our knowing it. */
const KEPT_MS = 30_000;
/** Who presses meanwhile is told at once, and may soon press again. */
const FAILURE_KEPT_MS = 5_000;

/** The duty rosters of the configuration, each asked once at a time and believed for half a minute. */
export function createRosters(deps: {
  readonly accounts: ReadonlyMap<string, RosterAccount>;
  readonly now: () => Date;
  readonly timeoutMs?: number;
}): Rosters {
  const known = new Map<string, { readonly answer: Promise<RosterAnswer>; readonly until: () => number }>();

  function asked(account: RosterAccount): { readonly answer: Promise<RosterAnswer>; readonly until: () => number } {
    let until = Infinity;
    async function answered(): Promise<RosterAnswer> {
      const answer = await read(account, deps.timeoutMs ?? TIMEOUT_MS);
      until = deps.now().getTime() + (answer.kind === "read" ? KEPT_MS : FAILURE_KEPT_MS);
      return answer;
    }
    return { answer: answered(), until: () => until };
  }

  return {
    async ask(connection) {
      const account = deps.accounts.get(connection);
      if (account === undefined) return { kind: "unreadable", because: `there is no roster "${connection}" under connections` };
      const found = known.get(connection);
      if (found !== undefined && found.until() > deps.now().getTime()) return found.answer;
      const fresh = asked(account);
      known.set(connection, fresh);
      return fresh.answer;
    },
  };
}

async function read({ url, token }: RosterAccount, timeoutMs: number): Promise<RosterAnswer> {
  const { host } = new URL(url);
  try {
    const response = await fetch(url, {
      headers: {
        accept: "application/json",
        "user-agent": "greenlight",
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      },
      // Followed, a redirect would let somebody else say who has rights here.
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMs),
    });
    const refused = refusalOf(response.status);
    if (refused !== null) {
      await response.body?.cancel();
      return { kind: "unreadable", because: `${host} ${refused}` };
    }
    const body = await bodyOf(response);
    if (body === null) return { kind: "unreadable", because: `${host} answers with more than ${MOST_BYTES / 1024} KiB` };
    const answer = answerOf(body);
    return answer.kind === "read" ? answer : { kind: "unreadable", because: `${host}: ${answer.because}` };
  } catch (fault) {
    return { kind: "unreadable", because: `${host} cannot be reached: ${causeOf(fault)}` };
  }
}

/** Null: it answers. */
function refusalOf(status: number): string | null {
  if (status === 200) return null;
  if (status >= 300 && status < 400) return "redirects elsewhere: set its url to where it really is";
  if (status === 401 || status === 403) return `refuses our token (HTTP ${status})`;
  return `answers HTTP ${status}`;
}

/** Null: it is longer than anybody needs. */
async function bodyOf(response: Response): Promise<string | null> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  if (response.body === null) return "";
  for await (const chunk of response.body) {
    size += chunk.byteLength;
    if (size > MOST_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** The code of the network fault (ECONNREFUSED ...), which is what an operator can search for. */
function causeOf(fault: unknown): string {
  if (fault instanceof Error && fault.name === "TimeoutError") return "no answer in time";
  const cause = fault instanceof Error ? (fault.cause ?? fault) : fault;
  if (typeof cause === "object" && cause !== null && "code" in cause && typeof cause.code === "string") return cause.code;
  return cause instanceof Error ? cause.name : "unknown fault";
}
