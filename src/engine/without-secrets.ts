import type { Intent } from "../domain/intent.ts";

const REDACTED = "[redacted]";

/** A person's words with every secret of ours taken out, before anything of them is stored or shown (invariant 9). */
export function redactedText(text: string, secrets: readonly string[]): string {
  return secrets.reduce((clean, secret) => clean.replaceAll(secret, REDACTED), text);
}

/** The intent with secrets taken out of the words a person typed. */
export function redactedIntent(intent: Intent, secrets: readonly string[]): Intent {
  if (!("reason" in intent)) return intent;
  const { reason } = intent;
  return typeof reason === "string" ? { ...intent, reason: redactedText(reason, secrets) } : intent;
}
