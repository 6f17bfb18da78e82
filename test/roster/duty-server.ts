import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** Somebody else's duty roster, on loopback; a test says what it answers. */
export type DutyServer = AsyncDisposable & {
  readonly url: string;
  readonly asked: IncomingMessage[];
  answers(how: (response: ServerResponse) => void): void;
  /** With a good answer: these people. */
  names(...people: readonly unknown[]): void;
};

export async function startDuty(): Promise<DutyServer> {
  const asked: IncomingMessage[] = [];
  let answer: (response: ServerResponse) => void = nobody;
  const server = createServer((request, response) => {
    asked.push(request);
    answer(response);
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/now?team=a-secret-of-the-address`,
    asked,
    answers: (how) => void (answer = how),
    names: (...people) => void (answer = (response) => void response.end(JSON.stringify({ on_call: people }))),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

function nobody(response: ServerResponse): void {
  response.end('{"on_call": []}');
}
