import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer, type WebSocket } from "ws";
import type { Clock } from "../clock.ts";
import type { Sockets } from "../context.ts";
import type { Ids } from "../ids.ts";
import { isJson, parseJson, textOf } from "../json.ts";
import { MOST_SOCKETS } from "../limits.ts";

export type SocketHub = Sockets & {
  /** Takes over GET /link?ticket=…. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  close(): void;
};

/** Socket Mode's far side. Envelopes go to the open connections in turn. */
export function createSocketHub(options: { clock: Clock; ids: Ids; appId: string; changed: () => void }): SocketHub {
  const { clock, ids, appId, changed } = options;
  const server = new WebSocketServer({ noServer: true });
  const tickets = new Set<string>();
  const open = new Set<WebSocket>();
  const waiting = new Map<string, (payload: unknown) => void>();
  /** Half-open: taken out of nobody's list, but neither read nor answered any more. */
  const silent = new Set<WebSocket>();
  let unanswered = 0;
  const hanging = new Set<Duplex>();
  let turn = 0;
  let since: string | null = null;
  let lostAt: string | null = null;

  function welcome(socket: WebSocket): void {
    if (open.size >= MOST_SOCKETS) {
      socket.send(JSON.stringify({ type: "disconnect", reason: "too_many_websockets", debug_info: { host: "applink-1" } }));
      socket.close();
      return;
    }
    open.add(socket);
    since ??= clock.now().toISOString();
    socket.on("message", (data: Buffer) => take(data.toString()));
    socket.on("error", () => socket.terminate());
    socket.on("close", () => gone(socket));
    // Bolt's start() waits for the hello.
    const debug = { host: "applink-1", build_number: 10, approximate_connection_time: 18060 };
    socket.send(JSON.stringify({ type: "hello", num_connections: open.size, debug_info: debug, connection_info: { app_id: appId } }));
    changed();
  }

  function take(frame: string): void {
    const answer = parseJson(frame);
    if (!isJson(answer)) return;
    const id = textOf(answer["envelope_id"]) ?? "";
    const resolve = waiting.get(id);
    waiting.delete(id);
    resolve?.(answer["payload"]);
  }

  function gone(socket: WebSocket): void {
    open.delete(socket);
    silent.delete(socket);
    if (open.size === 0) [since, lostAt] = [null, clock.now().toISOString()];
    changed();
  }

  function next(): WebSocket | undefined {
    const standing = [...open].filter((socket) => socket.readyState === socket.OPEN);
    const live = standing.some((socket) => !silent.has(socket)) ? standing.filter((socket) => !silent.has(socket)) : standing;
    return live[turn++ % Math.max(1, live.length)];
  }

  return {
    ticket() {
      const ticket = ids.next("ticket-");
      tickets.add(ticket);
      return ticket;
    },
    count: () => open.size - silent.size,
    since: () => since,
    lostAt: () => lostAt,
    send(envelope, onAck) {
      const socket = next();
      if (!socket) return false;
      waiting.set(envelope.id, onAck);
      socket.send(JSON.stringify({ envelope_id: envelope.id, ...envelope.body }));
      return true;
    },
    forget: (id) => void waiting.delete(id),
    disconnect(reason, most = Number.MAX_SAFE_INTEGER) {
      const chosen = [...open].slice(0, most);
      for (const socket of chosen) {
        if (reason === "drop") socket.terminate();
        else if (reason === "silent") {
          silent.add(socket);
          socket.pause();
          changed();
        } else {
          // Slack sends the frame; the client leaves and comes back by itself, "warning" gives it 10 s.
          socket.send(JSON.stringify({ type: "disconnect", reason, debug_info: { host: "applink-1" } }));
          clock.after(reason === "warning" ? 10_000 : 1_000, () => socket.close());
        }
      }
      return chosen.length;
    },
    leaveUnanswered: (links) => void (unanswered = links),
    upgrade(request, socket, head) {
      if (unanswered > 0) {
        unanswered -= 1;
        socket.on("error", () => socket.destroy());
        hanging.add(socket);
        return;
      }
      const ticket = new URL(request.url ?? "/", "http://localhost").searchParams.get("ticket") ?? "";
      if (!tickets.delete(ticket)) return void socket.end("HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n");
      server.handleUpgrade(request, socket, head, welcome);
    },
    close() {
      for (const socket of open) {
        socket.close(1001);
        setTimeout(() => socket.terminate(), 100).unref();
      }
      for (const socket of hanging) socket.destroy();
      server.close();
    },
  };
}
