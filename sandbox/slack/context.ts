import type { Bus } from "./bus.ts";
import type { Clock } from "./clock.ts";
import type { Delivery } from "./deliver/deliver.ts";
import type { Faults } from "./faults.ts";
import type { Ids } from "./ids.ts";
import type { Metrics } from "./metrics.ts";
import type { RateLimiter } from "./rate.ts";
import type { SlackSeed } from "./seed.ts";
import type { State } from "./state.ts";

/** What every part of the simulator works on. One per running simulator. */
export type Context = {
  readonly seed: SlackSeed;
  readonly bot: { readonly signingSecret: string; readonly botToken: string; readonly appToken: string };
  /** Where signed requests go in HTTP mode; null is Socket Mode. */
  requestUrl: string | null;
  readonly relaxed: boolean;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly bus: Bus;
  readonly state: State;
  readonly metrics: Metrics;
  readonly faults: Faults;
  readonly rate: RateLimiter;
  /** What was sent lately, by envelope id: for `redeliver`. */
  readonly deliveries: Map<string, Delivery>;
  /** Sockets, tickets. */
  readonly sockets: Sockets;
  /** "http://127.0.0.1:PORT", known once it listens. */
  origin: string;
  /** Figures of the strip changed; the page hears of it at most 4 times a second. */
  readonly devChanged: () => void;
};

export type Sockets = {
  /** Single-use ticket for GET /link. */
  ticket(): string;
  count(): number;
  since(): string | null;
  lostAt(): string | null;
  /** @returns the ack's payload, or null when no socket is open. `onAck` fires at most once. */
  send(envelope: { id: string; body: Record<string, unknown> }, onAck: (payload: unknown) => void): boolean;
  /** Forget who waits for this envelope. */
  forget(id: string): void;
  disconnect(reason: string, most?: number): number;
  /** So many of the next connections are taken and never answered. */
  leaveUnanswered(links: number): void;
};
