import type { IncomingMessage, ServerResponse } from "node:http";
import { finished } from "node:stream";

/** What a request is answered with, as JSON. */
export type Answer = {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
};

/** How long a refused sender may take to read the refusal before its connection is cut. */
const LINGER_MS = 1000;

/** Answers; a body that has not come in whole by then is never read, and the connection is closed after the answer. */
export function send(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  if (response.headersSent || response.destroyed) return;
  const text = `${JSON.stringify(answer.body)}\n`;
  const unread = !request.complete && hasBody(request);
  response.writeHead(answer.status, {
    "content-type": "application/json; charset=utf-8",
    "content-length": Buffer.byteLength(text),
    "x-content-type-options": "nosniff",
    ...answer.headers,
    ...(unread ? { connection: "close" } : {}),
  });
  if (!unread) {
    response.end(text);
    return;
  }
  // Closing at once would reset the connection under the sender's feet and lose the answer: it gets a moment to read it.
  response.write(text);
  request.pause();
  const cut = setTimeout(() => response.socket?.destroy(), LINGER_MS);
  finished(response, () => clearTimeout(cut));
}

export function refusal(status: number, error: string, headers?: Readonly<Record<string, string>>): Answer {
  return headers === undefined ? { status, body: { error } } : { status, body: { error }, headers };
}

function hasBody(request: IncomingMessage): boolean {
  const declared = request.headers["content-length"];
  return request.headers["transfer-encoding"] !== undefined || (declared !== undefined && declared !== "0");
}
