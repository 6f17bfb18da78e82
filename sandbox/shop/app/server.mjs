import { flushFaults, reportFault } from "./errors.mjs";
import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { basketPage, frontPage } from "./pages.mjs";
import { settings } from "./settings.mjs";

/** Early, so that this known error belongs to the first release that ever ran, not to a later one by chance. */
const FIRST_STUMBLE_MS = 1_500;

const style = readFileSync(join(settings.checkout, "static/shop.css"), "utf8");

const server = createServer((request, response) => {
  const url = new URL(request.url, "http://shop");
  const user = request.headers["x-visitor"] ?? url.searchParams.get("visitor") ?? "1";
  try {
    const { type, body } = answer(url.pathname, user);
    response.writeHead(200, { "content-type": type, "x-revision": settings.revision }).end(body);
  } catch (fault) {
    reportFault(fault, { user, isHandled: false });
    response.writeHead(500, { "content-type": "text/html; charset=utf-8" }).end("<h1>Something went wrong</h1><p>We have been told.</p>");
  }
});

server.listen(settings.port, "127.0.0.1", () =>
  console.log(`shop ${settings.revision} listens on ${settings.port} (${settings.environment})`),
);
process.on("SIGTERM", () => {
  server.close();
  server.closeIdleConnections();
  void flushFaults().finally(() => process.exit(0));
});
stumbleNowAndThen();

function answer(path, user) {
  if (path === "/health")
    return { type: "application/json", body: JSON.stringify({ ok: true, revision: settings.revision, environment: settings.environment }) };
  if (path === "/static/shop.css") return { type: "text/css", body: style };
  const page = path === "/basket" ? basketPage(Number(user)) : frontPage();
  return { type: "text/html; charset=utf-8", body: page };
}

/**
 * No shop is without errors: the parcel service is late soon after a start and then about once in two minutes; the page shows an
 * estimate instead. SHOP_STUMBLE_MINUTES changes the pause, 0 means never.
 */
function stumbleNowAndThen(isFirst = true) {
  const minutes = Number(process.env.SHOP_STUMBLE_MINUTES ?? 2);
  if (minutes === 0) return;
  setTimeout(
    () => {
      reportFault(askParcelService(), { user: String(1 + Math.floor(Math.random() * 500)), isHandled: true });
      stumbleNowAndThen(false);
    },
    isFirst ? FIRST_STUMBLE_MS : minutes * 60_000 * (0.5 + Math.random()),
  ).unref();
}

function askParcelService() {
  const fault = new Error("The parcel service did not answer in 2 s");
  fault.name = "ParcelTimeout";
  return fault;
}
