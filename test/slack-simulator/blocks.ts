/** Short ways to write blocks; unknown on purpose, since most of them are wrong. */

export function text(n: number): string {
  return "x".repeat(n);
}

export function plain(words: string): { type: "plain_text"; text: string } {
  return { type: "plain_text", text: words };
}

export function mrkdwn(words: string): { type: "mrkdwn"; text: string } {
  return { type: "mrkdwn", text: words };
}

export function section(words: string): { type: "section"; text: { type: "mrkdwn"; text: string } } {
  return { type: "section", text: mrkdwn(words) };
}

export function button(members: object = {}): object {
  return { type: "button", action_id: "press", text: plain("Press"), ...members };
}

export function option(value: string): { text: { type: "plain_text"; text: string }; value: string } {
  return { text: plain(value.slice(0, 75)), value };
}
