import type { Answer } from "./loopback.ts";
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
