import { createServer } from "node:http";
import type { ServerResponse } from "node:http";
import type { GitHubLog } from "../../src/github/octokit.ts";

export type Seen = { readonly method: string; readonly url: string; readonly authorization: string | undefined; readonly body: string };

export type FarAnswer =
  | { readonly status: number; readonly json?: unknown; readonly text?: string; readonly headers?: Readonly<Record<string, string>> }
  | "silence"
  | "hang up";

/** GitHub's API as a test wants it, above all when it fails; `/api/v3` before every path, as on an Enterprise Server. */
export async function startFarSide(answer: (seen: Seen, earlier: readonly Seen[]) => FarAnswer) {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const url = (request.url ?? "").replace(/^\/api\/v3/, "");
      const one = {
        method: request.method ?? "",
        url,
        authorization: request.headers.authorization,
        body: Buffer.concat(chunks).toString(),
      };
      reply(response, answer(one, seen.slice()));
      seen.push(one);
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    origin: `http://127.0.0.1:${address.port}`,
    apiUrl: `http://127.0.0.1:${address.port}/api/v3`,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

function reply(response: ServerResponse, answer: FarAnswer): void {
  if (answer === "silence") return;
  if (answer === "hang up") return void response.socket?.destroy();
  const type = answer.text === undefined ? "application/json; charset=utf-8" : "text/html";
  response.writeHead(answer.status, { "content-type": type, ...answer.headers });
  response.end(answer.text ?? JSON.stringify(answer.json ?? {}));
}

/** Keeps the lines a person would see. */
export function listeningLog(): GitHubLog & { readonly lines: string[] } {
  const lines: string[] = [];
  return { lines, debug() {}, warn: (fields, line) => void lines.push(`${line} ${JSON.stringify(fields)}`) };
}
