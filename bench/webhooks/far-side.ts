import { createServer, request, type Server } from "node:http";
import { startSlack, type TestSlack } from "../../test/slack-simulator/world.ts";
import { bot, controlToken, seed } from "../../test/slack-simulator/seed.ts";
import { APPS } from "./deliveries.ts";

/** Slack with a channel for each app, and with its limits: a call above a tier is refused, and counted. */
export type FarSide = AsyncDisposable & {
  readonly slack: TestSlack;
  readonly apiUrl: string;
  /** Calls of these methods since the start. */
  calls(): Readonly<Record<string, number>>;
  /** Answers 429 since the start. */
  refused(): number;
};

export async function openFarSide(): Promise<FarSide> {
  const channels = Array.from({ length: APPS }, (_, app) => ({
    id: channelOf(app),
    name: `app-${app}`,
    members: ["U01ANN", "UBOT01"],
  }));
  const slack = await startSlack({ seed: { ...seed, channels: [...seed.channels, ...channels] }, bot, controlToken, relaxed: false });
  const counts: Record<string, number> = {};
  let refused = 0;
  const server = createServer((asked, answer) => {
    const method = /^\/api\/([A-Za-z.]+)/u.exec(asked.url ?? "")?.[1] ?? "";
    counts[method] = (counts[method] ?? 0) + 1;
    const passed = request(`${slack.apiUrl}${method}`, { method: "POST", headers: asked.headers }, (response) => {
      if (response.statusCode === 429) refused += 1;
      answer.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(answer);
    });
    passed.on("error", () => answer.destroy());
    asked.pipe(passed);
  });
  const port = await listening(server);
  return {
    slack,
    apiUrl: `http://127.0.0.1:${port}/api/`,
    calls: () => ({ ...counts }),
    refused: () => refused,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await slack[Symbol.asyncDispose]();
    },
  };
}

export function channelOf(app: number): string {
  return `C1APP${String(app).padStart(4, "0")}`;
}

function listening(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
}
