/** Slack's time and count limits that are not Block Kit's. Source: docs.slack.dev, pages named per line. */

/** interactivity/handling-user-interaction: an ack must come within 3 s. */
export const ACK_MS = 3_000;
/** interactivity/handling-user-interaction: a trigger_id lives 3 s and works once. */
export const TRIGGER_MS = 3_000;
/** interactivity/handling-user-interaction: a response_url works 5 times within 30 minutes. */
export const RESPONSE_USES = 5;
export const RESPONSE_MS = 30 * 60_000;
/** apis/events-api: nearly at once, after 1 minute, after 5 minutes. */
export const EVENT_RETRY_MS = [0, 60_000, 300_000] as const;
/** surfaces/modals: at most three views in a stack. */
export const STACK = 3;
/** apis/events-api/using-socket-mode: at most 10 connections an app. */
export const MOST_SOCKETS = 10;
/** reference/methods/chat.postMessage: text is cut above this, with a warning. */
export const MOST_TEXT = 40_000;
/** reference/methods/chat.update answers msg_too_long above this. */
export const MOST_UPDATED_TEXT = 4_000;
/** reference/methods/chat.postMessage: markdown_text, and all markdown blocks together. */
export const MOST_MARKDOWN = 12_000;
export const MOST_ATTACHMENTS = 100;
/** Metadata's payload as JSON; Slack answers metadata_too_large. The figure is of our own choosing, Slack names none. */
export const MOST_METADATA = 16_000;
/** Bodies above this are refused with 413. */
export const MOST_BODY_BYTES = 4 * 1024 * 1024;
/** apis/web-api/rate-limits: calls a minute of each tier. Special tiers are generous except for chat.postMessage. */
export const PER_MINUTE = { t1: 1, t2: 20, t3: 50, t4: 100, special: null } as const;
/** Slack lets short bursts pass; the simulator lets a fifth more. */
export const BURST = 1.2;
/** reference/methods/chat.postMessage: one a second in a channel, short bursts allowed. */
export const POST_BURST = 3;
