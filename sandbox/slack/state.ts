import type { Json } from "./json.ts";
import type { Lint } from "./lints.ts";
import type { SeedChannel, SeedUser, SlackSeed } from "./seed.ts";

/** Everything the simulated team holds. Mutated only by api/, act/ and deliver/. */

export type User = SeedUser & { readonly team_id: string };
export type Channel = {
  id: string;
  name: string;
  members: string[];
  is_private: boolean;
  is_archived: boolean;
  is_ext_shared: boolean;
  is_general: boolean;
  is_im: boolean;
  user: string | null;
  topic: string;
};
export type Usergroup = { id: string; handle: string; name: string; users: string[]; deleted: boolean };

export type Version = { at: string; by: string; text: string; blocks: Json[] | null; metadata: Json | null; lints: Lint[]; deleted?: true };

export type Message = {
  channel: string;
  ts: string;
  user: string;
  bot_id: string | null;
  app_id: string | null;
  text: string;
  blocks: Json[] | null;
  attachments: Json[] | null;
  thread_ts: string | null;
  reply_broadcast: boolean;
  subtype: string | null;
  edited: { user: string; ts: string } | null;
  metadata: Json | null;
  files: Json[];
  reactions: { name: string; users: string[] }[];
  reply_count: number;
  reply_users: string[];
  postedAt: string;
  editCount: number;
  lastEditAt: string | null;
  lints: Lint[];
};

export type Ephemeral = {
  id: string;
  user: string;
  channel: string;
  ts: string;
  text: string;
  blocks: Json[] | null;
  thread_ts: string | null;
  by: "postEphemeral" | "response_url" | "command";
  at: string;
  lints: Lint[];
};

/** Slack's view object with what the page needs beside it. */
export type View = {
  body: Json;
  id: string;
  user: string;
  kind: "modal" | "home";
  hash: string;
  errors: Record<string, string>;
  pending: boolean;
  shown: string | null;
  values: Record<string, Json>;
  openedAt: string;
  lints: Lint[];
};

export type Press = {
  id: string;
  user: string;
  kind: string;
  channel: string | null;
  ts: string | null;
  view_id: string | null;
  action_id: string | null;
  block_id: string | null;
  command: string | null;
  state: "pending" | "ok" | "failed";
  result: string | null;
  at: string;
  latencyMs: number | null;
  shown: string | null;
};
export type Notice = { id: string; user: string; channel: string; text: string; at: string };
export type Trigger = { user: string; at: number; used: boolean; view: string | null };
export type ResponseUrl = {
  id: string;
  at: number;
  uses: number;
  user: string;
  channel: string;
  source: { ts: string; ephemeral: boolean } | null;
  thread_ts: string | null;
};
export type UploadedFile = {
  id: string;
  name: string;
  title: string;
  size: number;
  /** Of a picture, for those who cannot see it. */
  alt: string | null;
  bytes: Buffer | null;
  completed: boolean;
};

export type State = {
  readonly team: SlackSeed["team"];
  /** What the team pays for; "free" has no user groups. */
  plan: "free" | "paid";
  readonly users: Map<string, User>;
  readonly channels: Map<string, Channel>;
  readonly usergroups: Map<string, Usergroup>;
  /** Key CHANNEL/ts, in the order of posting. */
  readonly messages: Map<string, Message>;
  readonly versions: Map<string, Version[]>;
  readonly ephemerals: Map<string, Ephemeral>;
  /** Modal stacks, bottom to top. */
  readonly stacks: Map<string, View[]>;
  readonly homes: Map<string, View>;
  readonly presses: Map<string, Press>;
  readonly notices: Map<string, Notice>;
  readonly triggers: Map<string, Trigger>;
  readonly responses: Map<string, ResponseUrl>;
  readonly files: Map<string, UploadedFile>;
  readonly published: Map<string, unknown>;
};

export function createState(seed: SlackSeed): State {
  const bot: User = {
    id: seed.bot.user_id,
    name: seed.bot.name,
    real_name: seed.bot.real_name ?? seed.bot.name,
    team_id: seed.team.id,
    is_bot: true,
  };
  const users = [...seed.users.map((user) => ({ ...user, team_id: user.team_id ?? seed.team.id })), bot];
  const groups = seed.usergroups.map((group) => ({
    id: group.id,
    handle: group.handle,
    name: group.name ?? group.handle,
    users: [...group.users],
    deleted: group.deleted ?? false,
  }));
  return {
    team: seed.team,
    plan: seed.team.plan ?? "paid",
    users: new Map(users.map((user) => [user.id, user])),
    channels: new Map(seed.channels.map((channel) => [channel.id, fromSeed(channel)])),
    usergroups: new Map(groups.map((group) => [group.id, group])),
    messages: new Map(),
    versions: new Map(),
    ephemerals: new Map(),
    stacks: new Map(),
    homes: new Map(),
    presses: new Map(),
    notices: new Map(),
    triggers: new Map(),
    responses: new Map(),
    files: new Map(),
    published: new Map(),
  };
}

function fromSeed(channel: SeedChannel): Channel {
  return {
    id: channel.id,
    name: channel.name,
    members: [...channel.members],
    is_private: channel.is_private ?? false,
    is_archived: channel.is_archived ?? false,
    is_ext_shared: channel.is_ext_shared ?? false,
    is_general: channel.is_general ?? false,
    is_im: false,
    user: null,
    topic: channel.topic ?? "",
  };
}
