import { z } from "zod";
import type { Verbs } from "./verbs.ts";

/** POST /_sim/VERB: bodies are checked here, then the typed verbs do the work. */

const id = z.string().min(1);
const element = {
  action_id: id,
  block_id: z.string().optional(),
  channel: z.string().optional(),
  ts: z.string().optional(),
  view_id: z.string().optional(),
};
const values = z.record(z.string(), z.unknown());
const json = z.record(z.string(), z.unknown());

const bodies = {
  say: z.object({ user: id, channel: id, text: z.string().min(1), thread_ts: z.string().optional() }),
  command: z.object({ user: id, channel: id, text: z.string().min(1) }),
  click: z.object({ user: id, ...element, option: z.unknown().optional(), value: z.unknown().optional(), values: values.optional() }),
  submit: z.object({ user: id, view_id: id, values: values.optional() }),
  type: z.object({ user: id, ...element, value: z.string() }),
  close: z.object({ user: id, view_id: id, all: z.boolean().optional() }),
  openHome: z.object({ user: id, tab: z.enum(["home", "messages"]).optional() }),
  shortcut: z.object({ user: id, callback_id: id, channel: z.string().optional(), ts: z.string().optional() }),
  event: z.object({ event: json }),
  redeliver: z.object({ id: id.optional() }),
  change: z.object({
    team: z.object({ plan: z.enum(["free", "paid"]).optional() }).optional(),
    channel: z.object({ id, is_archived: z.boolean().optional(), members: z.array(id).optional(), name: id.optional() }).optional(),
    usergroup: z.object({ id, users: z.array(id).optional(), deleted: z.boolean().optional() }).optional(),
    user: z
      .object({ id, deleted: z.boolean().optional(), is_restricted: z.boolean().optional(), is_admin: z.boolean().optional() })
      .optional(),
  }),
  fault: z.object({
    method: z.string().default("*"),
    error: z.string().optional(),
    status: z.number().int().optional(),
    retryAfter: z.number().int().positive().optional(),
    delayMs: z.number().nonnegative().optional(),
    drop: z.boolean().optional(),
    afterwards: z.boolean().optional(),
    times: z.number().int().positive().optional(),
    forMs: z.number().positive().optional(),
    clear: z.boolean().optional(),
  }),
  disconnect: z.object({
    reason: z.enum(["warning", "refresh_requested", "too_many_websockets", "drop", "silent"]).optional(),
    unanswered: z.number().int().positive().optional(),
    most: z.number().int().positive().optional(),
  }),
  advance: z.object({ ms: z.number().nonnegative() }),
  history: z.object({ channel: id, ts: id }),
  file: z.object({ id }),
  read: z.union([z.object({ user: id }), z.object({ channel: id, thread_ts: z.string().optional() })]),
};

/** @returns the answer, or undefined for a verb there is none of. @throws ZodError for a body that makes no sense. */
export async function runVerb(verbs: Verbs, name: string, body: unknown): Promise<unknown> {
  switch (name) {
    case "say":
      return verbs.say(bodies.say.parse(body));
    case "command":
      return verbs.command(bodies.command.parse(body));
    case "click":
      return verbs.click(bodies.click.parse(body));
    case "submit":
      return verbs.submit(bodies.submit.parse(body));
    case "type":
      return verbs.typeSelect(bodies.type.parse(body));
    case "close":
      return verbs.closeView(bodies.close.parse(body));
    case "openHome":
      return verbs.openHome(bodies.openHome.parse(body));
    case "shortcut":
      return verbs.shortcut(bodies.shortcut.parse(body));
    case "event":
      return verbs.event(bodies.event.parse(body).event);
    case "redeliver":
      return verbs.redeliver(bodies.redeliver.parse(body).id);
    case "change":
      await verbs.change(bodies.change.parse(body));
      return {};
    default:
      return runBenchVerb(verbs, name, body);
  }
}

/** The verbs of the bench: time, failures, and what was said. */
function runBenchVerb(verbs: Verbs, name: string, body: unknown): unknown {
  switch (name) {
    case "fault": {
      const { clear, ...order } = bodies.fault.parse(body);
      if (clear !== true) return { id: verbs.fault(order) };
      verbs.clearFaults();
      return {};
    }
    case "disconnect":
      return { closed: verbs.disconnect(bodies.disconnect.parse(body)) };
    case "advance":
      return { now: verbs.advance(bodies.advance.parse(body).ms).toISOString() };
    case "history": {
      const { channel, ts } = bodies.history.parse(body);
      return { versions: verbs.history(channel, ts) };
    }
    case "file":
      return fileShown(verbs.file(bodies.file.parse(body).id));
    case "read": {
      const wanted = bodies.read.parse(body);
      if ("user" in wanted) return { ephemerals: verbs.ephemerals(wanted.user) };
      return { messages: wanted.thread_ts === undefined ? verbs.messages(wanted.channel) : verbs.thread(wanted.channel, wanted.thread_ts) };
    }
    default:
      return undefined;
  }
}

/** Text as it is, a picture as the page can draw it. */
function fileShown(file: ReturnType<Verbs["file"]>): object {
  if (file === undefined) return {};
  const { name, title, text, bytes } = file;
  const isPng = bytes.subarray(1, 4).toString("latin1") === "PNG";
  return { name, title, ...(isPng ? { image: `data:image/png;base64,${bytes.toString("base64")}` } : { text }) };
}
