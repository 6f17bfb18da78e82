import type { Intent } from "../domain/intent.ts";
import type { Redactor } from "../domain/redaction/redact.ts";

/** The intent with secrets taken out of the words a person typed, before anything of them is stored or shown (invariant 9). */
export function redactedIntent(intent: Intent, { redact }: Redactor): Intent {
  if (!("reason" in intent)) return intent;
  const { reason } = intent;
  return typeof reason === "string" ? { ...intent, reason: redact(reason) } : intent;
}
