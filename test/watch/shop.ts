import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { defaultStackParser, makeNodeTransport, NodeClient, Scope } from "@sentry/node";

/** What one visitor runs into. Errors of one `name` are one issue. */
export type Trouble = { readonly name: string; readonly user: string; readonly handled: boolean; readonly at: Date };

/** Requests that were answered in the minute that begins then; each is a session. */
export type Served = { readonly at: Date; readonly well: number; readonly crashed: number };

/** One version of the shop on one server, with the real SDK in it. */
export type Process = { raise(trouble: Trouble): void; serve(served: Served): void; sent(): Promise<void> };

/** A whole history is sent at once: the SDK drops what waits beyond this. */
const MOST_WAITING = 10_000;

// Each client waits for the end of the process; an app has one, a test several.
process.setMaxListeners(200);

/** Several live side by side in a test, so the SDK's one global client is not used. `serverName` null: it says none, like a browser. */
export function startProcess(of: { readonly dsn: string; readonly release: string; readonly serverName: string | null }): Process {
  const { dsn, release, serverName } = of;
  const client = new NodeClient({
    dsn,
    release,
    environment: "production",
    ...(serverName === null ? { includeServerName: false } : { serverName }),
    integrations: [],
    transport: makeNodeTransport,
    transportOptions: { bufferSize: MOST_WAITING },
    stackParser: defaultStackParser,
  });
  client.init();
  return {
    raise({ name, user, handled, at }) {
      const scope = new Scope();
      scope.setClient(client);
      scope.setUser({ id: user });
      scope.addEventProcessor((event) => ({ ...event, timestamp: at.getTime() / 1000 }));
      const fault = new Error("the basket is gone");
      fault.name = name;
      scope.captureException(fault, { mechanism: { type: "http", handled } });
    },
    serve({ at, well, crashed }) {
      client.sendSession({ aggregates: [{ started: at.toISOString(), exited: well, errored: 0, crashed }] });
    },
    async sent() {
      if (!(await client.flush(30_000))) throw new Error("the SDK did not send everything");
    },
  };
}

/** The page that the probe asks; a test changes how it answers at any time. */
export type Site = { readonly url: string; status: number; takesMs: number; close(): Promise<void> };

export async function startSite(): Promise<Site> {
  const server = createServer((_request, response) => {
    void pause(site.takesMs).then(() => response.writeHead(site.status).end("shop"));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  const site: Site = {
    url: `http://127.0.0.1:${port}/health`,
    status: 200,
    takesMs: 0,
    close() {
      server.closeAllConnections();
      return new Promise((closed) => server.close(() => closed()));
    },
  };
  return site;
}
