import { setTimeout as pause } from "node:timers/promises";
import type { ClientChannel } from "ssh2";
import type { HopFault } from "./hop-faults.ts";
import type { Line } from "./line.ts";
import { createTurns } from "./turns.ts";

/** Sessions at once on one host: followers leave two for acquire, cancel, read and release. sshd takes 10 a connection (MaxSessions). */
const FOLLOWERS = 6;
const OTHERS = 2;
/** A line beyond the first is kept that long without a session: the next step of the same deployment comes soon. */
const IDLE_MS = 60_000;
/** A session that just ended on our side may still be counted by the server. */
const FULL_PAUSES_MS = [100, 300, 900] as const;

/** What speaks to a host. `open` waits for its turn; a channel's turn ends when the channel closes. */
export type Connection = {
  /** Of the line that the last `open` was on. */
  readonly alive: () => boolean;
  open(kind: "follower" | "other", command: string): Promise<ClientChannel>;
  /** Gives up the line that the last `open` was on. */
  end(): void;
};

/** All lines to one host. Most servers need one; where MaxSessions is low, further sessions get lines of their own. */
export type HostLines = {
  readonly alive: () => boolean;
  /** A view for one caller. */
  view(): Connection;
  /** Connects if no line is up; simultaneous callers share it. Null: connected. */
  connect(): Promise<HopFault | null>;
  /** A line that is up, to look at. */
  line(): Line | null;
  end(): void;
};

/** @param dial opens one more line to the host */
export function createHostLines(dial: () => Promise<Line | HopFault>): HostLines {
  const turns = { follower: createTurns(FOLLOWERS), other: createTurns(OTHERS) };
  const sessions = new Map<Line, number>();
  /** The most sessions that the server takes on one line; learned when it refuses one. */
  let room = FOLLOWERS + OTHERS;
  let connecting: Promise<HopFault | null> | null = null;

  function live(): readonly Line[] {
    return [...sessions.keys()].filter((line) => line.alive());
  }
  async function add(): Promise<Line | HopFault> {
    const line = await dial();
    if ("kind" in line) return line;
    sessions.set(line, 0);
    line.onClose(() => sessions.delete(line));
    return line;
  }
  function count(line: Line, change: 1 | -1): void {
    const now = sessions.get(line);
    if (now === undefined) return;
    sessions.set(line, now + change);
    if (now + change > 0) return;
    const idle = setTimeout(() => {
      if (sessions.get(line) === 0 && live()[0] !== line) line.end();
    }, IDLE_MS);
    idle.unref();
  }
  /** Opens on a line with room, else on a new one. `chosen` hears of each line before it is tried. */
  async function openSession(command: string, chosen: (line: Line) => void): Promise<ClientChannel> {
    for (let full = 0; ;) {
      const line = live().find((one) => (sessions.get(one) ?? 0) < room) ?? (await add());
      if ("kind" in line) throw new Error(line.because);
      chosen(line);
      count(line, 1);
      const opened = await line.open(command).catch((fault: unknown) => {
        count(line, -1);
        throw fault;
      });
      if (opened !== "full") {
        opened.once("close", () => count(line, -1));
        return opened;
      }
      count(line, -1);
      const others = sessions.get(line) ?? 0;
      if (others > 0) room = Math.max(1, Math.min(room, others));
      else {
        const wait = FULL_PAUSES_MS[full];
        if (wait === undefined) throw new Error("it opens no session at all");
        full += 1;
        await pause(wait);
      }
    }
  }
  return {
    alive: () => live().length > 0,
    line: () => live()[0] ?? null,
    connect() {
      connecting ??= add()
        .then((line) => ("kind" in line ? line : null))
        .finally(() => (connecting = null));
      return connecting;
    },
    view() {
      let last = live()[0] ?? null;
      return {
        alive: () => last?.alive() ?? false,
        async open(kind, command) {
          const giveBack = await turns[kind].take();
          try {
            const channel = await openSession(command, (line) => (last = line));
            channel.once("close", giveBack);
            return channel;
          } catch (fault) {
            giveBack();
            throw fault;
          }
        },
        end: () => last?.end(),
      };
    },
    end() {
      for (const line of sessions.keys()) line.end();
    },
  };
}
