import type { WebClient } from "@slack/web-api";
import type { PainterDeps } from "./deps.ts";
import type { Pace } from "./pace.ts";
import type { Reach } from "./reach.ts";

/** What every stroke of the painter has at hand. */
export type Easel = {
  readonly client: WebClient;
  readonly deps: PainterDeps;
  readonly pace: Pace;
  readonly reach: Reach;
  /** The team's time zone, for titles. */
  timezone(): string;
  groups(): Promise<ReadonlyMap<string, string>>;
  /** The id behind `#name`; what was given when Slack does not know it, so that Slack says what is wrong. */
  channelId(channel: string): Promise<string>;
  /** People of another company read there too: no log is shown. Of a channel that Slack does not list to us nothing is known. */
  isShared(channel: string): Promise<boolean>;
  /** May the history be read? Then a post of unknown outcome is looked for before it is posted again. */
  mayReadHistory(): Promise<boolean>;
  /** Why a card had to be posted anew, until its thread says so. */
  readonly moved: Map<string, string>;
  /** Ids of channels that were named: a name and its id share one pace. */
  readonly idOf: Map<string, string>;
  /** Nothing is sent before this time: the app's rights are broken. */
  rightsBroken(sentence: string, code: string): void;
};
