import type { Json } from "../json.ts";

/** What a Web API method answers; `ok: false` carries Slack's error name. */
export type Answer = Json & { readonly ok: boolean };

export function fine(members: Json = {}): Answer {
  return { ...members, ok: true };
}

export function failed(error: string, members: Json = {}): Answer {
  return { ...members, ok: false, error };
}

/** invalid_arguments with Slack's messages. */
export function badArguments(...messages: readonly string[]): Answer {
  return failed("invalid_arguments", { response_metadata: { messages: messages.map((message) => `[ERROR] ${message}`) } });
}
