import type { Answer, Visit } from "./loopback.ts";
import { json } from "./loopback.ts";

/** An answer that an API gives instead of the true one, for a while; `forMs: 0` ends it. */
export type Fault = { readonly status: number; readonly body?: unknown; readonly forMs: number };

/** An outage that can be switched on. */
export function createOutage() {
  let fault: Fault = { status: 200, forMs: 0 };
  let until = 0;
  function fail(next: Fault): void {
    fault = next;
    until = Date.now() + next.forMs;
  }
  /** The faulty answer while the outage lasts, else null. */
  function answer(): Answer | null {
    return Date.now() < until ? json(fault.status, fault.body ?? { message: "Server Error", detail: "Internal Error" }) : null;
  }
  return { fail, answer };
}

/** Answers that get lost on the way back: what was asked for is done, and the asker is told of a gateway's fault. */
export function createLostAnswers() {
  const wanted: { method: string; path: RegExp; left: number }[] = [];
  /** The next `count` answers to such a request. */
  function lose(request: { readonly method: string; readonly path: RegExp; readonly count?: number }): void {
    wanted.push({ method: request.method, path: request.path, left: request.count ?? 1 });
  }
  function lost(visit: Visit, answer: Answer): Answer {
    const found = wanted.find((one) => one.left > 0 && one.method === visit.method && one.path.test(visit.path));
    if (found === undefined) return answer;
    found.left -= 1;
    return json(502, { message: "Bad Gateway" });
  }
  return { lose, lost };
}
