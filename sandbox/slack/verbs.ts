import { change, type TeamChange } from "./act/change.ts";
import { click, type Click } from "./act/click.ts";
import { command } from "./act/command.ts";
import { event, openHome, redeliver, say, shortcut } from "./act/others.ts";
import type { Outcome } from "./act/outcome.ts";
import { channelOf } from "./act/payload.ts";
import { closeView, submit, type Submitted } from "./act/submit.ts";
import { typeSelect, type Suggested, type Typing } from "./act/suggest.ts";
import type { FormValues } from "./act/form.ts";
import type { Context } from "./context.ts";
import type { FaultOrder } from "./faults.ts";
import type { Json } from "./json.ts";
import { keyOf, repliesOf, findMessage } from "./messages.ts";
import type { Ephemeral, Message, Version } from "./state.ts";

/** What people do to the simulated team: the same verbs as POST /_sim/VERB. Users and channels by id (channels also by name). */
export type Verbs = {
  say(act: { user: string; channel: string; text: string; thread_ts?: string | undefined }): Message;
  command(act: { user: string; channel: string; text: string }): Promise<Outcome>;
  click(act: Click): Promise<Outcome>;
  submit(act: { user: string; view_id: string; values?: FormValues | undefined }): Promise<Submitted>;
  typeSelect(act: Typing): Promise<Suggested>;
  closeView(act: { user: string; view_id: string; all?: boolean | undefined }): Promise<Outcome>;
  openHome(act: { user: string; tab?: "home" | "messages" | undefined }): Promise<Outcome>;
  shortcut(act: { user: string; callback_id: string; channel?: string | undefined; ts?: string | undefined }): Promise<Outcome>;
  event(event: Json): Promise<Outcome>;
  /** Sends an earlier thing again under its own id (default: the last one): duplicates must have one effect. */
  redeliver(id?: string): Promise<Outcome>;
  change(given: TeamChange): Promise<void>;
  fault(order: FaultOrder): string;
  clearFaults(): void;
  /**
   * `silent`: the connection stays open and says nothing any more. `unanswered`: so many of the next connections are taken and never
   * answered. @returns how many connections it hit (`most` at most)
   */
  disconnect(order?: { reason?: string | undefined; most?: number | undefined; unanswered?: number | undefined }): number;
  /** Moves the simulator's clock. */
  advance(ms: number): Date;
  /** Every version of a message, the first is the post. */
  history(channel: string, ts: string): readonly Version[];
  /** Messages of a channel in order, thread replies included. */
  messages(channel: string): readonly Message[];
  /** A thread: its parent, then the replies. */
  thread(channel: string, ts: string): readonly Message[];
  ephemerals(user: string): readonly Ephemeral[];
  /** What is in an uploaded file; undefined when there is none, or its upload was never completed. */
  file(id: string): { readonly name: string; readonly title: string; readonly text: string; readonly bytes: Buffer } | undefined;
};

export function createVerbs(context: Context): Verbs {
  return {
    say: (act) => say(context, act),
    command: (act) => command(context, act),
    click: (act) => click(context, act),
    submit: (act) => submit(context, act),
    typeSelect: (act) => typeSelect(context, act),
    closeView: (act) => closeView(context, act),
    openHome: (act) => openHome(context, act),
    shortcut: (act) => shortcut(context, act),
    event: (given) => event(context, given),
    redeliver: (id) => redeliver(context, id),
    change: (given) => change(context, given),
    fault(order) {
      context.devChanged();
      return context.faults.order(order);
    },
    clearFaults() {
      context.faults.clear();
      context.devChanged();
    },
    disconnect(order = {}) {
      if (order.unanswered !== undefined) context.sockets.leaveUnanswered(order.unanswered);
      return context.sockets.disconnect(order.reason ?? "refresh_requested", order.most);
    },
    advance(ms) {
      context.clock.advance(ms);
      context.devChanged();
      return context.clock.now();
    },
    history: (channel, ts) => context.state.versions.get(keyOf(channelOf(context, channel).id, ts)) ?? [],
    messages(channel) {
      const { id } = channelOf(context, channel);
      return [...context.state.messages.values()].filter((message) => message.channel === id);
    },
    thread(channel, ts) {
      const { id } = channelOf(context, channel);
      const parent = findMessage(context, id, ts);
      return [...(parent ? [parent] : []), ...repliesOf(context, id, ts)];
    },
    file(id) {
      const file = context.state.files.get(id);
      if (file?.completed !== true) return undefined;
      const bytes = file.bytes ?? Buffer.alloc(0);
      return { name: file.name, title: file.title, text: bytes.toString(), bytes };
    },
    ephemerals: (user) => [...context.state.ephemerals.values()].filter((one) => one.user === user),
  };
}
