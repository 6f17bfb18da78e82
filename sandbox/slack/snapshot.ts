import { viewForPage } from "./api/shapes.ts";
import type { Context } from "./context.ts";
import type { AckEntry, CallFigures } from "./metrics.ts";
import type { ActiveFault } from "./faults.ts";
import type { Json } from "./json.ts";
import type { Channel, Ephemeral, Message, Notice, Press, User, Usergroup } from "./state.ts";
import type { SeedCommand, SeedShortcut, SlackSeed } from "./seed.ts";

/** The figures of the page's strip. */
export type Dev = {
  /** The simulator's clock, which may be ahead of the computer's. */
  readonly now: string;
  readonly connection: {
    readonly mode: "socket" | "http";
    readonly count: number;
    readonly since: string | null;
    readonly lostAt: string | null;
  };
  readonly calls: Record<string, CallFigures>;
  readonly refused429: number;
  /** Arguments of calls that Slack does not know, as "METHOD ARGUMENT". */
  readonly strangers: readonly string[];
  readonly acks: {
    readonly last: number | null;
    readonly slowest: number | null;
    readonly unanswered: number;
    readonly log: readonly AckEntry[];
  };
  readonly faults: readonly ActiveFault[];
  /** Lints of all messages seen now. */
  readonly lints: number;
  readonly relaxed: boolean;
};

/** All the page needs to draw itself: GET /_sim/state. */
export type Snapshot = {
  readonly now: string;
  readonly team: SlackSeed["team"];
  readonly bot: SlackSeed["bot"];
  readonly users: readonly User[];
  readonly channels: readonly Channel[];
  readonly usergroups: readonly Usergroup[];
  readonly commands: readonly SeedCommand[];
  readonly shortcuts: readonly SeedShortcut[];
  readonly messages: readonly Message[];
  readonly ephemerals: readonly Ephemeral[];
  readonly views: Record<string, Json[]>;
  readonly homes: Record<string, Json>;
  readonly presses: readonly Press[];
  readonly notices: readonly Notice[];
  readonly dev: Dev;
  readonly published: Record<string, unknown>;
};

export function devOf(context: Context): Dev {
  const { sockets, metrics, state } = context;
  const mode = context.requestUrl === null ? "socket" : "http";
  const lints = [...state.messages.values()].reduce((sum, message) => sum + message.lints.length, 0);
  return {
    now: context.clock.now().toISOString(),
    connection: { mode, count: sockets.count(), since: sockets.since(), lostAt: sockets.lostAt() },
    calls: metrics.calls(),
    refused429: metrics.refused429(),
    strangers: metrics.strangers(),
    acks: metrics.acks(),
    faults: context.faults.list(),
    lints,
    relaxed: context.relaxed,
  };
}

export function snapshotOf(context: Context): Snapshot {
  const { state, seed } = context;
  return {
    now: context.clock.now().toISOString(),
    team: seed.team,
    bot: seed.bot,
    users: [...state.users.values()],
    channels: [...state.channels.values()],
    usergroups: [...state.usergroups.values()],
    commands: seed.bot.commands ?? [],
    shortcuts: seed.bot.shortcuts ?? [],
    messages: [...state.messages.values()],
    ephemerals: [...state.ephemerals.values()],
    views: Object.fromEntries([...state.stacks].map(([user, stack]) => [user, stack.map(viewForPage)])),
    homes: Object.fromEntries([...state.homes].map(([user, view]) => [user, viewForPage(view)])),
    presses: [...state.presses.values()],
    notices: [...state.notices.values()],
    dev: devOf(context),
    published: Object.fromEntries(state.published),
  };
}
