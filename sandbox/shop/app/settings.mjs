import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));

// In the layout "releases" the checkout is <directory>/releases/<name>, so the shared folder is two levels up.
const file = [process.env.SHOP_ENV_FILE, join(here, ".env"), join(here, "../../shared/.env")].find((path) => path && existsSync(path));
if (file) process.loadEnvFile(file);

const home = process.env.SHOP_STATE ?? join(here, "state");

export const settings = {
  checkout: here,
  revision: readRevision(),
  environment: process.env.SHOP_ENVIRONMENT ?? "local",
  port: Number(process.env.SHOP_PORT ?? 8000),
  server: process.env.SHOP_SERVER ?? "localhost",
  /** Pid file, log and sabotage flags of this server. */
  state: home,
  /** The "database": a folder with one file per applied migration. */
  database: process.env.SHOP_DATABASE ?? join(home, "database"),
  staticRoot: process.env.SHOP_STATIC_ROOT ?? join(here, "staticfiles"),
  witness: process.env.SHOP_WITNESS ?? "",
  sentryDsn: process.env.SHOP_SENTRY_DSN ?? "",
  /** Where @sentry/node is: a file or URL to import; by default the shop's own node_modules. */
  sentryModule: process.env.SHOP_SENTRY_MODULE ?? "@sentry/node",
  /** Multiplies the duration of every step; 0 makes them immediate. */
  pace: Number(process.env.SHOP_PACE ?? 1),
};

/** A release folder carries REVISION; a checkout in place asks git. */
function readRevision() {
  const marker = join(here, "REVISION");
  if (existsSync(marker)) return readFileSync(marker, "utf8").trim();
  try {
    return execFileSync("git", ["rev-parse", "HEAD"], { cwd: here, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return "unknown";
  }
}
