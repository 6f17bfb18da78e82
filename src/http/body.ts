import type { IncomingMessage, ServerResponse } from "node:http";
import { BIG_BODY_BYTES } from "./budget.ts";
import type { Budget } from "./budget.ts";
import { refusal } from "./answer.ts";
import type { Answer } from "./answer.ts";
import type { HttpLimits } from "./limits.ts";

/** `gone`: the sender went away; there is nobody to answer. */
export type BodyOutcome =
  | { readonly kind: "read"; readonly body: Buffer; release(): void }
  | { readonly kind: "refused"; readonly answer: Answer }
  | { readonly kind: "gone" };

/**
 * Reads a body under the limits, showing each chunk to `onChunk` as it comes (a signature is computed meanwhile). The bytes
 * count against the budget until `release`; every other outcome has released them.
 */
export async function readBody(input: {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly budget: Budget;
  readonly limits: HttpLimits;
  onChunk(chunk: Buffer): void;
}): Promise<BodyOutcome> {
  const { request, response, budget, limits } = input;
  const declared = declaredLength(request);
  if (declared === "invalid") return { kind: "refused", answer: refusal(400, "the Content-Length is not a number") };
  if (declared !== null && declared > limits.bodyBytes) return { kind: "refused", answer: tooLarge(limits) };
  // A declared length is held as a whole at once: who was let in can finish, who comes too many is told before it sends.
  // Without one the parts are joined at the end, so for a moment the body exists twice.
  const held = holder(budget, declared);
  if (declared !== null && !held.more(declared)) return { kind: "refused", answer: busy() };
  if (request.headers.expect?.toLowerCase() === "100-continue") response.writeContinue();
  const outcome = await collect({ request, limits, declared, held, onChunk: input.onChunk });
  if (outcome.kind !== "read") {
    held.release();
    return outcome;
  }
  return { ...outcome, release: held.release };
}

type Held = { more(bytes: number): boolean; release(): void };

function holder(budget: Budget, declared: number | null): Held {
  let bytes = 0;
  return {
    more(wanted) {
      const fits = budget.hold(wanted, (declared ?? bytes + wanted) > BIG_BODY_BYTES);
      if (fits) bytes += wanted;
      return fits;
    },
    release() {
      budget.release(bytes);
      bytes = 0;
    },
  };
}

type Collected = { readonly kind: "read"; readonly body: Buffer } | Exclude<BodyOutcome, { kind: "read" }>;

function collect(input: {
  readonly request: IncomingMessage;
  readonly limits: HttpLimits;
  readonly declared: number | null;
  readonly held: Held;
  onChunk(chunk: Buffer): void;
}): Promise<Collected> {
  const { request, limits, declared, held } = input;
  const whole = declared === null ? null : Buffer.allocUnsafe(declared);
  const parts: Buffer[] = [];
  let size = 0;
  let atLastLook = 0;
  return new Promise((resolve) => {
    const look = setInterval(() => {
      if (size - atLastLook < limits.stallBytes) settle({ kind: "refused", answer: refusal(408, "the body comes too slowly") });
      atLastLook = size;
    }, limits.stallMs);
    function settle(outcome: Collected): void {
      clearInterval(look);
      request.off("data", onData).off("end", onEnd).off("close", onGone).off("error", onGone).pause();
      request.on("error", ignoreFault);
      resolve(outcome);
    }
    function onData(chunk: Buffer): void {
      if (size + chunk.length > limits.bodyBytes) return settle({ kind: "refused", answer: tooLarge(limits) });
      if (whole === null) {
        if (!held.more(chunk.length * 2)) return settle({ kind: "refused", answer: busy() });
        parts.push(chunk);
      } else {
        chunk.copy(whole, size);
      }
      size += chunk.length;
      input.onChunk(chunk);
    }
    function onEnd(): void {
      settle({ kind: "read", body: whole ?? Buffer.concat(parts) });
    }
    function onGone(): void {
      settle({ kind: "gone" });
    }
    request.on("data", onData).on("end", onEnd).on("close", onGone).on("error", onGone);
  });
}

/** The outcome is known; that the sender then goes away changes nothing. */
function ignoreFault(): void {}

function declaredLength(request: IncomingMessage): number | null | "invalid" {
  const text = request.headers["content-length"];
  if (text === undefined) return request.headers["transfer-encoding"] === undefined ? 0 : null;
  return /^\d{1,15}$/.test(text) ? Number(text) : "invalid";
}

function tooLarge(limits: HttpLimits): Answer {
  return refusal(413, `the body is larger than ${Math.floor(limits.bodyBytes / 1024 / 1024)} MB`);
}

function busy(): Answer {
  return refusal(503, "too many bodies are coming in at once; send it again", { "retry-after": "5" });
}
