import type { WebClient } from "@slack/web-api";
import type { SlackDeps } from "../deps.ts";
import type { SlackDirectory } from "../directory.ts";
import type { Presses } from "../presses.ts";

/** What every listener has at hand. */
export type Desk = {
  /** For what has three seconds to live: no retries, a short timeout, never the painter's. */
  readonly client: WebClient;
  readonly presses: Presses;
  readonly directory: SlackDirectory;
  readonly deps: SlackDeps;
  /** With its slash. */
  readonly command: string;
  readonly timezone: string;
};
