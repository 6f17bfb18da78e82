import { createServer } from "node:http";
import * as Sentry from "@sentry/node";

/** A server with the real SDK: each request is a session, as it counts them. `FAILING` of `REQUESTS` end by an error that nobody handled. */
const [requests, failing] = [Number(process.env["REQUESTS"]), Number(process.env["FAILING"])];
Sentry.init({ dsn: process.env["DSN"] ?? "", release: process.env["RELEASE"] ?? "", environment: "production", serverName: "web-1" });

const server = createServer((request, response) => {
  if (Number(request.headers["x-number"]) < failing)
    Sentry.captureException(new TypeError("no such basket"), { mechanism: { type: "http", handled: false } });
  response.end("done");
});
await new Promise<void>((listening) => void server.listen(0, "127.0.0.1", listening));
const address = server.address();
if (address === null || typeof address === "string") throw new Error("no port");
for (let number = 0; number < requests; number += 1) {
  const response = await fetch(`http://127.0.0.1:${address.port}/`, { headers: { "x-number": String(number), connection: "close" } });
  await response.text();
}
await new Promise((closed) => void server.close(closed));
await Sentry.close(20_000);
