import { createHmac } from "node:crypto";
import { Agent, request } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { type WebSocket, WebSocketServer } from "ws";
import type { Answered, Asked, Press } from "./driving.ts";

/**
 * Slack's side of a press, in a process of its own: nothing else delays what it times. Presses are sent at fixed times, whether the
 * ones before were acknowledged or not.
 */
const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
const sockets = new Map<string, Set<WebSocket>>();
const waiting = new Map<string, () => void>();
const agent = new Agent({ keepAlive: true });
const ACK_MS = 3_000;
let sent = 0;

server.on("connection", (socket, { url = "" }) => {
  const app = url.replace(/^\/|\?.*$/gu, "");
  const open = sockets.get(app) ?? new Set();
  sockets.set(app, open.add(socket));
  socket.on("close", () => open.delete(socket));
  socket.on("message", (data) => take(String(data)));
  socket.send(
    JSON.stringify({ type: "hello", num_connections: open.size, debug_info: { host: "bench" }, connection_info: { app_id: "A01APP" } }),
  );
});
server.on("listening", () => {
  const address = server.address();
  process.send?.({ kind: "listening", port: typeof address === "object" && address !== null ? address.port : 0 } satisfies Answered);
});
process.on("message", (asked: Asked) => void drive(asked).then((answered) => process.send?.(answered)));
process.on("disconnect", () => process.exit(0));

function take(frame: string): void {
  const { envelope_id: id } = JSON.parse(frame) as { envelope_id?: string };
  if (id !== undefined) waiting.get(id)?.();
}

async function drive(asked: Asked): Promise<Answered> {
  const begun = performance.now();
  const gap = 1_000 / asked.perSecond;
  const count = Math.round(asked.seconds * asked.perSecond);
  const presses: Promise<number | null>[] = [];
  for (let index = 0; index < count; index += 1) {
    const early = begun + index * gap - performance.now();
    if (early > 0) await pause(early);
    presses.push(press(asked.press));
  }
  const times = await Promise.all(presses);
  const acked = times.flatMap((ms) => (ms === null ? [] : [ms]));
  return { kind: "driven", ms: acked, lost: times.length - acked.length };
}

/** Milliseconds to the ack; null: none came in 3 s. */
async function press(to: Press): Promise<number | null> {
  sent += 1;
  const users = to.users[sent % to.users.length] ?? "";
  const stamp = (Date.now() / 1_000).toFixed(6);
  // Every press is another one, as Slack's action_ts says.
  const payload = to.payload.replaceAll("ACTION_TS", `${stamp}${sent}`).replaceAll("PRESSER", users).replaceAll("TRIGGER", `1.${sent}.ab`);
  return to.kind === "http" ? overHttp(to, payload) : overSocket(to, payload);
}

function overHttp({ url, secret }: Extract<Press, { kind: "http" }>, payload: string): Promise<number | null> {
  const body = new URLSearchParams({ payload }).toString();
  const at = String(Math.floor(Date.now() / 1_000));
  const headers = {
    "content-type": "application/x-www-form-urlencoded",
    "content-length": Buffer.byteLength(body),
    "x-slack-request-timestamp": at,
    "x-slack-signature": `v0=${createHmac("sha256", secret).update(`v0:${at}:${body}`).digest("hex")}`,
  };
  const begun = performance.now();
  return new Promise((resolve) => {
    const call = request(url, { method: "POST", agent, headers, timeout: ACK_MS }, (response) => {
      const ms = performance.now() - begun;
      response.resume();
      resolve(response.statusCode === 200 ? ms : null);
    });
    call.on("timeout", () => call.destroy());
    call.on("error", () => resolve(null));
    call.end(body);
  });
}

function overSocket({ app }: Extract<Press, { kind: "socket" }>, payload: string): Promise<number | null> {
  const open = [...(sockets.get(app) ?? [])];
  const socket = open[sent % Math.max(1, open.length)];
  if (socket === undefined) return Promise.resolve(null);
  const id = `bench-${sent}`;
  const frame = `{"envelope_id":"${id}","type":"interactive","payload":${payload},"accepts_response_payload":false}`;
  return new Promise((resolve) => {
    const timer = setTimeout(() => end(null), ACK_MS);
    const end = (ms: number | null): void => {
      clearTimeout(timer);
      waiting.delete(id);
      resolve(ms);
    };
    const begun = performance.now();
    waiting.set(id, () => end(performance.now() - begun));
    socket.send(frame);
  });
}
