import type { Context } from "../context.ts";
import type { Json } from "../json.ts";
import type { Channel, Message, Usergroup, User, View } from "../state.ts";

/** Stored things as Slack writes them in answers and payloads. */

export function messageShape(context: Context, message: Message): Json {
  const bot = message.bot_id === null ? {} : { bot_id: message.bot_id, app_id: message.app_id };
  return {
    type: "message",
    ...(message.subtype === null ? {} : { subtype: message.subtype }),
    user: message.user,
    ...bot,
    team: context.seed.team.id,
    text: message.text,
    ts: message.ts,
    ...(message.blocks === null ? {} : { blocks: message.blocks }),
    ...(message.attachments === null ? {} : { attachments: message.attachments }),
    ...(message.thread_ts === null ? {} : { thread_ts: message.thread_ts }),
    ...(message.reply_count > 0 ? { thread_ts: message.ts, reply_count: message.reply_count, reply_users: message.reply_users } : {}),
    ...(message.edited === null ? {} : { edited: message.edited }),
    ...(message.files.length > 0 ? { files: message.files } : {}),
    ...(message.reactions.length > 0 ? { reactions: message.reactions } : {}),
    ...(message.metadata === null ? {} : { metadata: message.metadata }),
  };
}

export function userShape(context: Context, user: User, options: { email: boolean }): Json {
  const flag = (name: "is_admin" | "is_owner" | "is_restricted" | "is_ultra_restricted" | "is_bot"): boolean => user[name] ?? false;
  const email = options.email && user.email !== undefined ? { email: user.email } : {};
  const profile = { real_name: user.real_name, display_name: user.name, ...email, team: user.team_id };
  const base = { id: user.id, team_id: user.team_id, name: user.name, deleted: user.deleted ?? false, real_name: user.real_name };
  const zone = { tz: user.tz ?? "Europe/Brussels", tz_label: user.tz ?? "Europe/Brussels", tz_offset: 3600 };
  const rights = {
    is_admin: flag("is_admin"),
    is_owner: flag("is_owner"),
    is_primary_owner: false,
    is_restricted: flag("is_restricted"),
    is_ultra_restricted: flag("is_ultra_restricted"),
  };
  const kind = {
    is_bot: flag("is_bot"),
    is_app_user: false,
    ...(isStranger(context, user) ? { is_stranger: true } : {}),
  };
  return { ...base, ...zone, profile, ...rights, ...kind, updated: 1_764_000_000 };
}

/** Of another workspace, and in no channel that the app sees: for members of shared channels Slack leaves the mark out. */
function isStranger({ seed, state }: Context, user: User): boolean {
  if (user.team_id === seed.team.id) return false;
  const shared = [...state.channels.values()].filter(({ members }) => members.includes(user.id));
  return !shared.some(({ members, is_im }) => !is_im && members.includes(seed.bot.user_id));
}

export function channelShape(context: Context, channel: Channel): Json {
  if (channel.is_im)
    return { id: channel.id, created: 1_764_000_000, is_im: true, is_org_shared: false, user: channel.user, is_archived: false };
  const ours = channel.members.includes(context.seed.bot.user_id);
  return {
    id: channel.id,
    name: channel.name,
    name_normalized: channel.name,
    is_channel: !channel.is_private,
    is_group: channel.is_private,
    is_im: false,
    is_mpim: false,
    is_private: channel.is_private,
    is_archived: channel.is_archived,
    is_general: channel.is_general,
    is_shared: channel.is_ext_shared,
    is_ext_shared: channel.is_ext_shared,
    is_org_shared: false,
    is_member: ours,
    created: 1_764_000_000,
    creator: "USLACKBOT",
    topic: { value: channel.topic, creator: "", last_set: 0 },
    purpose: { value: "", creator: "", last_set: 0 },
    num_members: channel.members.length,
  };
}

export function usergroupShape(context: Context, group: Usergroup, options: { users: boolean }): Json {
  return {
    id: group.id,
    team_id: context.seed.team.id,
    is_usergroup: true,
    is_subteam: true,
    name: group.name,
    handle: group.handle,
    description: "",
    is_external: false,
    date_create: 1_764_000_000,
    date_update: 1_764_000_000,
    date_delete: group.deleted ? 1_764_000_000 : 0,
    auto_type: null,
    created_by: "USLACKBOT",
    updated_by: "USLACKBOT",
    deleted_by: group.deleted ? "USLACKBOT" : null,
    prefs: { channels: [], groups: [] },
    user_count: group.users.length,
    ...(options.users ? { users: group.users } : {}),
  };
}

/** Slack's view object. */
export function viewShape(view: View): Json {
  return { ...view.body, state: { values: view.values }, hash: view.hash };
}

/** A view for the page: Slack's object with what only the simulator knows. */
export function viewForPage(view: View): Json {
  const { user, errors, pending, shown, openedAt, lints } = view;
  return { ...viewShape(view), user, errors, pending, shown, openedAt, lints };
}
