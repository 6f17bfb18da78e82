import { fork } from "node:child_process";
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { rawRequest } from "./world.ts";

const MEGABYTE = 1024 * 1024;
const SIZE = 24 * MEGABYTE;

function* body(): Generator<Buffer> {
  const piece = Buffer.alloc(64 * 1024, "a");
  for (let sent = 0; sent < SIZE; sent += piece.length) yield piece;
}

function* chunks(): Generator<Buffer> {
  for (const piece of body()) yield Buffer.concat([Buffer.from("10000\r\n"), piece, Buffer.from("\r\n")]);
  yield Buffer.from("0\r\n\r\n");
}

async function startServer() {
  const child = fork(new URL("memory-server.ts", import.meta.url), { execArgv: [] });
  const told = async () => {
    const [message] = await once(child, "message");
    return message;
  };
  const { port, peak: before } = await told();
  async function peak(): Promise<number> {
    child.send("peak");
    return (await told()).peak;
  }
  return { port, before, peak, [Symbol.dispose]: () => void child.kill() };
}

const wrong = `x-hub-signature-256: sha256=${"a".repeat(64)}`;
const length = `content-length: ${SIZE}`;

/** `most` in MiB. What is read counts up to 64 MiB; the rest is what the collector has not yet taken back. */
describe("60 bodies of 24 MB at once", () => {
  test.each([
    { name: "unsigned", fields: [length], pieces: body, answers: [401], most: 64 },
    { name: "with a wrong signature", fields: [length, wrong], pieces: body, answers: [401, 503], most: 192 },
    {
      name: "with a wrong signature, streamed",
      fields: ["transfer-encoding: chunked", wrong],
      pieces: chunks,
      answers: [401, 503],
      most: 192,
    },
  ])("$name, they do not fill the memory", async ({ fields, pieces, answers, most }) => {
    using server = await startServer();
    const head = ["POST /webhooks/github HTTP/1.1", "host: x", "content-type: application/json", ...fields];
    const told = await Promise.all(Array.from({ length: 60 }, () => rawRequest(server.port, { head, body: pieces(), until: /\}\n/ })));
    const statuses = told.map(({ answer }) => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]));
    expect(statuses.filter((status) => !answers.includes(status))).toEqual([]);
    expect(((await server.peak()) - server.before) / MEGABYTE).toBeLessThan(most);
    expect((await fetch(`http://127.0.0.1:${server.port}/healthz`)).status).toBe(200);
  });
});
