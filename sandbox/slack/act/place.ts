import { sees } from "../channels.ts";
import type { Context } from "../context.ts";
import { findMessage } from "../messages.ts";
import { findView } from "../views.ts";
import { channelOf, type Place } from "./payload.ts";
import { NotPossible } from "./values.ts";

/** Where somebody acts: in a view, or on a message or ephemeral of a channel. */
export type Where = {
  readonly user: string;
  readonly channel?: string | undefined;
  readonly ts?: string | undefined;
  readonly view_id?: string | undefined;
};

/** @throws NotPossible when this person has nothing like that on the screen. */
export function placeOf(context: Context, where: Where): Place {
  if (where.view_id !== undefined) {
    const view = findView(context, where.view_id);
    if (!view || view.user !== where.user) throw new NotPossible(`${where.user} has no view ${where.view_id} open`);
    return { kind: "view", view };
  }
  if (where.channel === undefined || where.ts === undefined) throw new NotPossible("say where: a view_id, or a channel and a ts");
  const channel = channelOf(context, where.channel);
  const entry = [...context.state.ephemerals.values()].find((one) => one.ts === where.ts && one.channel === channel.id);
  if (entry) {
    if (entry.user !== where.user) throw new NotPossible(`that message is shown to ${entry.user} only`);
    return { kind: "ephemeral", channel, entry };
  }
  if (!sees(context, where.user, channel)) throw new NotPossible(`${where.user} does not see ${channel.id}`);
  const message = findMessage(context, channel.id, where.ts);
  if (!message) throw new NotPossible(`there is no message ${where.ts} in ${channel.id}`);
  return { kind: "message", channel, message };
}
