/** The team a simulator starts with: who exists, where they are, and the app that is installed. Names follow Slack's objects. */
export type SlackSeed = {
  readonly team: {
    readonly id: string;
    readonly name: string;
    readonly domain: string;
    /** "free" has no user groups. */ readonly plan?: "free" | "paid";
  };
  readonly users: readonly SeedUser[];
  readonly channels: readonly SeedChannel[];
  readonly usergroups: readonly SeedUsergroup[];
  readonly bot: SeedBot;
};

export type SeedUser = {
  /** U… or W…. */
  readonly id: string;
  /** The handle: "ann". */
  readonly name: string;
  readonly real_name: string;
  readonly email?: string;
  /** IANA zone, default Europe/Brussels. */
  readonly tz?: string;
  /** Home team when it is another one (Slack Connect). */
  readonly team_id?: string;
  readonly is_admin?: boolean;
  readonly is_owner?: boolean;
  /** Guest of several channels. */
  readonly is_restricted?: boolean;
  /** Guest of one channel. */
  readonly is_ultra_restricted?: boolean;
  /** Somebody of another team whom the bot sees through a shared channel. */
  readonly is_bot?: boolean;
  readonly deleted?: boolean;
};

export type SeedChannel = {
  /** C… (also private ones), G… for old private groups. */
  readonly id: string;
  /** Without "#". */
  readonly name: string;
  /** User ids; the bot's id when it was invited. */
  readonly members: readonly string[];
  readonly is_private?: boolean;
  readonly is_archived?: boolean;
  readonly is_ext_shared?: boolean;
  readonly is_general?: boolean;
  readonly topic?: string;
};

export type SeedUsergroup = {
  /** S…. */
  readonly id: string;
  /** Without "@". */
  readonly handle: string;
  readonly name?: string;
  readonly users: readonly string[];
  readonly deleted?: boolean;
};

export type SeedBot = {
  /** Slack user id of the bot: UBOT…. */
  readonly user_id: string;
  readonly bot_id: string;
  readonly app_id: string;
  readonly name: string;
  readonly real_name?: string;
  /** Scopes granted to the bot token. */
  readonly scopes: readonly string[];
  /** Slash commands the app has registered, with "/": others are answered by Slack itself. Absent: all are taken. */
  readonly commands?: readonly SeedCommand[];
  readonly shortcuts?: readonly SeedShortcut[];
  /** False when the app's settings have the Home tab off: views.publish answers not_enabled. */
  readonly home_tab_enabled?: boolean;
};

export type SeedCommand = {
  readonly command: string;
  readonly description?: string;
  readonly usage_hint?: string;
  readonly should_escape?: boolean;
};
export type SeedShortcut = { readonly type: "global" | "message"; readonly callback_id: string; readonly name: string };
