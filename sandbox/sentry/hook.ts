import { createHmac, randomUUID } from "node:crypto";
import type { JsonObject } from "../loopback.ts";

export type SentryHook = { readonly url: string; readonly secret: string };

/** Sentry waits one second for an answer. */
const TIMEOUT_MS = 1_000;
const INSTALLATION = "a8e5d37a-696c-4c54-adb5-b3f28d64c7de";

/** Sends an `issue` webhook of an internal integration, signed over the bytes; nobody hears of a failure but the log. */
export async function sendIssueHook(
  hook: SentryHook,
  action: "created" | "unresolved",
  issue: JsonObject,
  log: (line: string) => void,
): Promise<void> {
  const actor = { id: "sentry", name: "Sentry", type: "application" };
  const body = JSON.stringify({ action, actor, data: { issue }, installation: { uuid: INSTALLATION } });
  const headers = {
    "content-type": "application/json",
    "request-id": randomUUID().replaceAll("-", ""),
    "sentry-hook-resource": "issue",
    "sentry-hook-timestamp": String(Math.floor(Date.now() / 1000)),
    "sentry-hook-signature": createHmac("sha256", hook.secret).update(body).digest("hex"),
  };
  try {
    const response = await fetch(hook.url, { method: "POST", headers, body, signal: AbortSignal.timeout(TIMEOUT_MS) });
    log(`webhook issue.${action} -> ${response.status}`);
  } catch (fault) {
    log(`webhook issue.${action} failed: ${fault instanceof Error ? fault.message : String(fault)}`);
  }
}
