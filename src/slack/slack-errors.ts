import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError, WebAPIRequestError } from "@slack/web-api";

/** What a failed call means for whoever made it. Decided by Slack's codes (reference of each method), never by a message's words. */
export type SlackFailure =
  /** Slack asks to wait; this method only. */
  | { readonly kind: "wait"; readonly ms: number }
  /** Nobody knows whether it was done: no answer, or 5xx. */
  | { readonly kind: "unknown"; readonly because: string }
  /** Not done, and the same call later may work. */
  | { readonly kind: "later"; readonly code: string }
  /** The message is gone or may not be edited any more. */
  | { readonly kind: "gone"; readonly code: string }
  /** The channel cannot be used; the sentence says what to do. */
  | { readonly kind: "channel"; readonly code: string; readonly sentence: string }
  /** Slack refuses the form of the message: our fault. */
  | { readonly kind: "form"; readonly code: string; readonly detail: string }
  /** The app's own rights: nothing works until somebody changes them. */
  | { readonly kind: "rights"; readonly code: string; readonly sentence: string }
  | { readonly kind: "refused"; readonly code: string };

const GONE: ReadonlySet<string> = new Set(["message_not_found", "cant_update_message", "edit_window_closed", "thread_not_found"]);
const FORM: ReadonlySet<string> = new Set([
  "invalid_blocks",
  "invalid_blocks_format",
  "msg_too_long",
  "msg_blocks_too_long",
  "no_text",
  "block_mismatch",
  "invalid_arguments",
  "metadata_too_large",
  "invalid_metadata_format",
  "invalid_metadata_schema",
  "view_too_large",
]);
const LATER: ReadonlySet<string> = new Set([
  "internal_error",
  "fatal_error",
  "service_unavailable",
  "request_timeout",
  "update_failed",
  "streaming_state_conflict",
  "external_channel_migrating",
  "team_added_to_org",
  "message_limit_exceeded",
]);
const RIGHTS: ReadonlySet<string> = new Set([
  "invalid_auth",
  "not_authed",
  "account_inactive",
  "token_revoked",
  "token_expired",
  "missing_scope",
  "no_permission",
  "access_denied",
  "not_allowed_token_type",
  "org_login_required",
]);
const CHANNEL: Readonly<Record<string, string>> = {
  channel_not_found:
    "The channel does not exist, or it is private and Greenlight is not in it. Type /invite @greenlight there, or change `channel` in greenlight.yml.",
  not_in_channel: "Greenlight is not in the channel. Type /invite @greenlight there.",
  is_archived: "The channel is archived. Unarchive it, or change `channel` in greenlight.yml.",
  is_inactive: "The channel is archived or frozen. Unarchive it, or change `channel` in greenlight.yml.",
  restricted_action: "The channel does not let apps post. Its owner can allow it under the channel's posting permissions.",
  restricted_action_read_only_channel: "The channel is read-only. Its owner can allow Greenlight to post.",
  restricted_action_thread_only_channel: "The channel takes replies only. Its owner can allow Greenlight to post.",
  restricted_action_non_threadable_channel: "The channel has no threads, which Greenlight needs. Change `channel` in greenlight.yml.",
  restricted_action_thread_locked: "The thread is locked.",
};

/** No connection was made, so nothing was done: what is posted again then is posted once. */
const NOT_REACHED = "not_reached";
const NEVER_LEFT: ReadonlySet<string> = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"]);
/** Slack answers, but is not itself: what waits for it waits on. */
const UNWELL: ReadonlySet<string> = new Set([NOT_REACHED, "internal_error", "fatal_error", "service_unavailable", "request_timeout"]);

/** Is Slack away, or did it answer and refuse? */
export function isAway(failure: SlackFailure): boolean {
  return failure.kind === "unknown" || (failure.kind === "later" && UNWELL.has(failure.code));
}

/** Did Slack say that it has not done it? After silence nobody knows. */
export function isUndone(failure: SlackFailure): boolean {
  return failure.kind !== "unknown" && !(failure.kind === "later" && failure.code !== NOT_REACHED && UNWELL.has(failure.code));
}

export function failureOf(error: unknown): SlackFailure {
  if (error instanceof WebAPIRateLimitedError) return { kind: "wait", ms: Math.max(1, error.retryAfter) * 1000 };
  if (error instanceof WebAPIHTTPError) return { kind: "unknown", because: `Slack answered HTTP ${error.statusCode}` };
  if (error instanceof WebAPIRequestError)
    return neverLeft(error) ? { kind: "later", code: NOT_REACHED } : { kind: "unknown", because: "Slack did not answer" };
  if (error instanceof WebAPIPlatformError) return platform(error);
  throw error;
}

function neverLeft(error: WebAPIRequestError): boolean {
  for (let cause: unknown = error.original; cause instanceof Error; cause = cause.cause)
    if ("code" in cause && typeof cause.code === "string" && NEVER_LEFT.has(cause.code)) return true;
  return false;
}

function platform(error: WebAPIPlatformError): SlackFailure {
  const code = error.data.error;
  const sentence = CHANNEL[code];
  if (sentence !== undefined) return { kind: "channel", code, sentence };
  if (GONE.has(code)) return { kind: "gone", code };
  if (FORM.has(code)) return { kind: "form", code, detail: (error.data.response_metadata?.messages ?? []).join("; ").slice(0, 500) };
  if (code === "ratelimited" || code === "rate_limited") return { kind: "wait", ms: 30_000 };
  if (LATER.has(code)) return { kind: "later", code };
  if (RIGHTS.has(code)) return { kind: "rights", code, sentence: rightsSentence(code, error) };
  return { kind: "refused", code };
}

function rightsSentence(code: string, error: WebAPIPlatformError): string {
  const needed = Object.entries(error.data).find(([name]) => name === "needed")?.[1];
  if (code === "missing_scope") {
    return `The app lacks the scope ${typeof needed === "string" ? needed : "it needs"}. Add it under OAuth & Permissions and install the app again.`;
  }
  return `Slack does not accept SLACK_BOT_TOKEN (${code}). Install the app again and set the new token.`;
}
