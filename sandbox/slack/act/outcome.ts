import type { Context } from "../context.ts";
import type { Ack, AckResult } from "../deliver/deliver.ts";
import type { Notice, Press } from "../state.ts";

/** What a person's act led to. `shown` is the sentence Slack shows that person, or null. */
export type Outcome = {
  readonly id: string;
  readonly kind: string;
  readonly result: AckResult | "not_sent";
  readonly latencyMs: number;
  readonly status: number | null;
  readonly body: unknown;
  readonly shown: string | null;
};

export function outcomeOf(kind: string, ack: Ack, shown: string | null): Outcome {
  const { id, result, latencyMs, status, body } = ack;
  return { id, kind, result, latencyMs, status, body: body ?? null, shown };
}

/** Nothing went to the bot: Slack's client or server answered by itself. */
export function notSent(kind: string, shown: string | null): Outcome {
  return { id: "", kind, result: "not_sent", latencyMs: 0, status: null, body: null, shown };
}

export function startPress(context: Context, press: Pick<Press, "user" | "kind"> & Partial<Press>): Press {
  const blank = {
    channel: null,
    ts: null,
    view_id: null,
    action_id: null,
    block_id: null,
    command: null,
    result: null,
    latencyMs: null,
    shown: null,
  };
  const entry: Press = { ...blank, state: "pending", ...press, id: context.ids.next("P"), at: context.clock.now().toISOString() };
  forgetEarlier(context, entry);
  context.state.presses.set(entry.id, entry);
  context.bus.emit({ topic: "press", key: entry.id, value: entry });
  return entry;
}

export function endPress(context: Context, press: Press, ack: Ack, shown: string | null): void {
  Object.assign(press, { state: ack.result === "ok" ? "ok" : "failed", result: ack.result, latencyMs: ack.latencyMs, shown });
  context.bus.emit({ topic: "press", key: press.id, value: press });
}

/** What Slack itself tells one person. */
export function notify(context: Context, user: string, channel: string, text: string): void {
  const notice: Notice = { id: context.ids.next("N"), user, channel, text, at: context.clock.now().toISOString() };
  context.state.notices.set(notice.id, notice);
  context.bus.emit({ topic: "notice", key: notice.id, value: notice });
}

const KEPT = 200;

/** A new press on the same element replaces the mark of the last one; old marks are dropped. */
function forgetEarlier(context: Context, press: Press): void {
  for (const [id, old] of context.state.presses) {
    const same =
      old.user === press.user &&
      old.ts === press.ts &&
      old.view_id === press.view_id &&
      old.action_id === press.action_id &&
      old.block_id === press.block_id;
    const stale = old.state !== "pending" && (same || context.state.presses.size > KEPT);
    if (!stale) continue;
    context.state.presses.delete(id);
    context.bus.emit({ topic: "press", key: id, value: null });
  }
}
