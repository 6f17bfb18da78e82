import type { Button, ConfirmationDialog, KnownBlock, PlainTextElement, PlainTextOption } from "@slack/types";
import { clampMrkdwn, cut, plain, safeUrl } from "../escape.ts";
import { LIMITS } from "../limits.ts";

/** Block Kit pieces that cannot be refused: each cuts by `LIMITS` itself. mrkdwn given here is escaped already. */

export function header(title: string): KnownBlock {
  return { type: "header", text: plainText(title, LIMITS.header) };
}

export function section(mrkdwn: string): KnownBlock {
  return { type: "section", expand: true, text: { type: "mrkdwn", text: filled(clampMrkdwn(mrkdwn, LIMITS.section)), verbatim: true } };
}

/** In a form only: coloured there, refused by Slack in messages and on the Home tab. What is too long for it is a section with its icon. */
export function alert(level: "warning" | "error", mrkdwn: string): KnownBlock {
  if (mrkdwn.length > LIMITS.alertText) return section(`:${level === "error" ? "no_entry_sign" : "warning"}: ${mrkdwn}`);
  return { type: "alert", level, text: { type: "mrkdwn", text: filled(mrkdwn), verbatim: true } };
}

export function context(mrkdwn: string): KnownBlock {
  return { type: "context", elements: [{ type: "mrkdwn", text: filled(clampMrkdwn(mrkdwn, LIMITS.contextText)), verbatim: true }] };
}

/** Slack decodes emoji names in plain_text unless told not to; ours have none, foreign ones must not get any. */
export function plainText(text: string, limit: number): PlainTextElement {
  return { type: "plain_text", text: filled(cut(plain(text, limit), limit)), emoji: false };
}

/** Slack refuses empty texts. */
function filled(text: string): string {
  return text.trim() === "" ? "(empty)" : text;
}

export type ConfirmWords = {
  readonly title: string;
  readonly text: string;
  readonly yes: string;
  readonly no: string;
  readonly danger?: boolean;
};

function confirm(words: ConfirmWords): ConfirmationDialog {
  return {
    title: plainText(words.title, LIMITS.confirmTitle),
    text: plainText(words.text, LIMITS.confirmText),
    confirm: plainText(words.yes, LIMITS.confirmButton),
    deny: plainText(words.no, LIMITS.confirmButton),
    ...(words.danger === true ? { style: "danger" as const } : {}),
  };
}

export type ButtonWords = {
  readonly action: string;
  readonly label: string;
  /** What a screen reader says: the label alone does not tell of which card. */
  readonly spoken: string;
  readonly value: string;
  readonly style?: "primary" | "danger";
  readonly confirm?: ConfirmWords;
};

export function button(words: ButtonWords): Button {
  return {
    type: "button",
    action_id: words.action,
    text: plainText(words.label, LIMITS.buttonText),
    accessibility_label: cut(plain(words.spoken, LIMITS.accessibilityLabel), LIMITS.accessibilityLabel),
    value: words.value,
    ...(words.style === undefined ? {} : { style: words.style }),
    ...(words.confirm === undefined ? {} : { confirm: confirm(words.confirm) }),
  };
}

/** A button that opens a page; null when the address may not be linked. Its press is acknowledged and means nothing. */
export function linkButton(words: { readonly action: string; readonly label: string; readonly url: string | null }): Button | null {
  const url = safeUrl(words.url);
  if (url === null || url.length > LIMITS.buttonUrl) return null;
  return { type: "button", action_id: words.action, text: plainText(words.label, LIMITS.buttonText), url };
}

export function option(text: string, value: string): PlainTextOption {
  return { text: plainText(text, LIMITS.optionText), value: cut(value, LIMITS.optionValue) };
}
