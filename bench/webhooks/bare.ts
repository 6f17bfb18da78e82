import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Pool } from "pg";
import type { Started } from "./apps.ts";

/** The least that can be done: verify, store in one row, answer. `node bare.ts DATABASE SECRET`. */
const [connectionString = "", secret = ""] = process.argv.slice(2);
// As many connections as the bot's pool has.
const pool = new Pool({ connectionString, max: 10 });
await pool.query(
  "create table if not exists deliveries (id text primary key, event text not null, body bytea not null, at timestamptz not null)",
);

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => void answer(request, response, Buffer.concat(chunks)));
});

async function answer(request: IncomingMessage, response: ServerResponse, body: Buffer): Promise<void> {
  const status = await take(request, body);
  const text = JSON.stringify({ delivery: request.headers["x-github-delivery"], result: "accepted" });
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
  response.end(text);
}

async function take({ headers }: IncomingMessage, body: Buffer): Promise<number> {
  const own = `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
  const given = String(headers["x-hub-signature-256"]);
  if (given.length !== own.length || !timingSafeEqual(Buffer.from(given), Buffer.from(own))) return 401;
  const values = [headers["x-github-delivery"], headers["x-github-event"], body, new Date()];
  await pool.query("insert into deliveries (id, event, body, at) values ($1, $2, $3, $4) on conflict do nothing", values);
  return 202;
}

server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  process.send?.({ port: typeof address === "object" && address !== null ? address.port : 0 } satisfies Started);
});
process.on("disconnect", () => process.exit(0));
