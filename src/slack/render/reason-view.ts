import type { ModalView } from "@slack/types";
import { INPUTS, VIEWS } from "../action-ids.ts";
import { LIMITS } from "../limits.ts";
import { plainText, section } from "./blocks.ts";

export type ReasonKind = keyof typeof WORDS;

type ReasonWords = {
  readonly callback: string;
  readonly title: string;
  readonly submit: string;
  readonly lead: string;
  readonly label: string;
  readonly optional: boolean;
};

const WORDS = {
  reject: {
    callback: VIEWS.reject,
    title: "Reject",
    submit: "Reject",
    lead: "It is not deployed, and its authors read your reason. Nothing that is live changes.",
    label: "Why not?",
    optional: false,
  },
  override: {
    callback: VIEWS.override,
    title: "Override",
    submit: "Deploy without a yes",
    lead: "It is deployed without the yeses that are missing, your own change too. Locks and freezes still hold. Everybody in the thread reads your name and your reason, and both are kept.",
    label: "Why can it not wait?",
    optional: false,
  },
  allow_again: {
    callback: VIEWS.allowAgain,
    title: "Allow again",
    submit: "Allow again",
    lead: "What was rolled back may be deployed here again, and your reason is kept with it.",
    label: "What has changed since?",
    optional: false,
  },
  mark_live: {
    callback: VIEWS.resolve,
    title: "It is live",
    submit: "It is live",
    lead: "You looked, and the new version runs on every server. It counts as live, but as not verified.",
    label: "How did you see it?",
    optional: false,
  },
  mark_earlier: {
    callback: VIEWS.resolve,
    title: "The earlier one is live",
    submit: "It is live",
    lead: "You looked, and every server runs what ran there before. The deployment counts as failed, and the next one may start.",
    label: "How did you see it?",
    optional: false,
  },
  roll_back_from_attention: {
    callback: VIEWS.resolve,
    title: "Roll back",
    submit: "Roll back",
    lead: "The deployment counts as failed, and the servers go back to the last good version. Code only.",
    label: "Why?",
    optional: false,
  },
  stays_broken: {
    callback: VIEWS.resolve,
    title: "It stays broken",
    submit: "Leave it so",
    lead: "The deployment counts as failed, and its servers as different from each other. The next deployment may start.",
    label: "What did you see?",
    optional: false,
  },
  not_yet: {
    callback: VIEWS.notYet,
    title: "Not yet",
    submit: "Not yet",
    lead: "It goes no further until somebody looks again. Its authors are called in the thread and read your reason.",
    label: "What is missing or wrong?",
    optional: false,
  },
} as const satisfies Readonly<Record<string, ReasonWords>>;

/** A form that asks for a reason before anything is done. `more` is a sentence of ours about this very case. */
export function renderReasonView(kind: ReasonKind, options: { readonly data: string; readonly more: string | null }): ModalView {
  const words: ReasonWords = WORDS[kind];
  return {
    type: "modal",
    callback_id: words.callback,
    private_metadata: options.data.slice(0, LIMITS.privateMetadata),
    title: plainText(words.title, LIMITS.viewTitle),
    submit: plainText(words.submit, LIMITS.viewButton),
    close: plainText("Not now", LIMITS.viewButton),
    blocks: [
      section(options.more === null ? words.lead : `${options.more}\n${words.lead}`),
      {
        type: "input",
        block_id: INPUTS.reason,
        optional: words.optional,
        label: plainText(words.label, LIMITS.optionText),
        element: { type: "plain_text_input", action_id: INPUTS.text, multiline: true, max_length: LIMITS.reason, focus_on_load: true },
      },
    ],
  };
}
