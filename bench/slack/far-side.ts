import { createServer, request, type Server } from "node:http";
import { startSlack, type TestSlack } from "../../test/slack-simulator/world.ts";
import { CROWDED } from "./crowd.ts";

/** Slack's Web API for two apps: the simulator answers all but where an app opens its sockets. */
export type FarSide = AsyncDisposable & { readonly slack: TestSlack; apiUrl(app: string): string };

export async function openFarSide(driverPort: number): Promise<FarSide> {
  const slack = await startSlack({ seed: CROWDED });
  const server = createServer((asked, answer) => {
    const [, app = "", method = ""] = /^\/([a-z]+)\/api\/([A-Za-z.]+)/u.exec(asked.url ?? "") ?? [];
    if (method === "apps.connections.open") {
      asked.resume();
      answer.writeHead(200, { "content-type": "application/json" });
      answer.end(JSON.stringify({ ok: true, url: `ws://127.0.0.1:${driverPort}/${app}` }));
      return;
    }
    const passed = request(`${slack.apiUrl}${method}`, { method: "POST", headers: asked.headers }, (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(answer);
    });
    passed.on("error", () => answer.destroy());
    asked.pipe(passed);
  });
  const port = await listening(server);
  return {
    slack,
    apiUrl: (app) => `http://127.0.0.1:${port}/${app}/api/`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await slack[Symbol.asyncDispose]();
    },
  };
}

function listening(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
}
