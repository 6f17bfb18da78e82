import type { DeploymentId } from "./ids.ts";

/**
 * A direct message to one person, by Slack id; or a line in another channel of the app, by the name of the configuration. `key` is unique per person: the same event is told once, whoever asks for it. A key that
 * begins with `ask:` wants something of the person and is not held back by a mute. An instant in the text is written as ISO 8601 in
 * UTC with its `Z`: the reader sees it in their own time zone.
 */
export type Notice = {
  readonly kind: "notice";
  /** Its card is linked below; null: there is none. */
  readonly deployment: DeploymentId | null;
  readonly app: string;
  readonly to: string;
  readonly key: string;
  readonly text: string;
};
