import { App, HTTPReceiver, SocketModeReceiver } from "@slack/bolt";
import type { Started } from "./apps.ts";

/** The least that Bolt can do: every press is acknowledged, and nothing else. `node bare.ts MODE API TOKEN SECRET APP_TOKEN PORT`. */
const [mode, apiUrl = "", token = "", signingSecret = "", appToken = "", port = "0"] = process.argv.slice(2);
const clientOptions = { slackApiUrl: apiUrl };
const receiver =
  mode === "socket"
    ? new SocketModeReceiver({ appToken, installerOptions: { clientOptions } })
    : new HTTPReceiver({ signingSecret, endpoints: "/slack/events" });
const app = new App({ receiver, token, clientOptions });
app.action({ type: "block_actions" }, ({ ack }) => ack());
await (receiver instanceof HTTPReceiver ? receiver.start(Number(port)) : app.start());
process.on("disconnect", () => process.exit(0));
process.send?.({ kind: "ready" } satisfies Started);
