import type { Context } from "../context.ts";
import { sendEvent } from "../deliver/events.ts";
import { userShape, usergroupShape } from "../api/shapes.ts";
import { setStack } from "../views.ts";
import { channelOf } from "./payload.ts";
import { NotPossible } from "./values.ts";

/** What somebody with rights changes in the team; the matching events are sent. */
export type TeamChange = {
  /** Slack sends no event for it: an app learns of it by plan_upgrade_required. */
  readonly team?: { readonly plan?: "free" | "paid" | undefined } | undefined;
  readonly channel?:
    | {
        readonly id: string;
        readonly is_archived?: boolean | undefined;
        readonly members?: readonly string[] | undefined;
        readonly name?: string | undefined;
      }
    | undefined;
  readonly usergroup?:
    | { readonly id: string; readonly users?: readonly string[] | undefined; readonly deleted?: boolean | undefined }
    | undefined;
  readonly user?:
    | {
        readonly id: string;
        readonly deleted?: boolean | undefined;
        readonly is_restricted?: boolean | undefined;
        readonly is_admin?: boolean | undefined;
      }
    | undefined;
};

export async function change(context: Context, given: TeamChange): Promise<void> {
  context.state.plan = given.team?.plan ?? context.state.plan;
  if (given.channel) await changeChannel(context, given.channel);
  if (given.usergroup) await changeUsergroup(context, given.usergroup);
  if (given.user) await changeUser(context, given.user);
}

async function changeChannel(context: Context, given: NonNullable<TeamChange["channel"]>): Promise<void> {
  const channel = channelOf(context, given.id);
  const [archived, name, members] = [channel.is_archived, channel.name, channel.members];
  channel.is_archived = given.is_archived ?? archived;
  channel.name = given.name ?? name;
  channel.members = [...(given.members ?? members)];
  context.bus.emit({ topic: "channel", key: channel.id, value: channel });
  if (channel.is_archived !== archived)
    await sendEvent(context, {
      type: channel.is_archived ? "channel_archive" : "channel_unarchive",
      channel: channel.id,
      user: "USLACKBOT",
    });
  if (channel.name !== name)
    await sendEvent(context, { type: "channel_rename", channel: { id: channel.id, name: channel.name, created: 1_764_000_000 } });
  const bot = context.seed.bot.user_id;
  const [was, is] = [members.includes(bot), channel.members.includes(bot)];
  if (!was && is)
    await sendEvent(context, {
      type: "member_joined_channel",
      user: bot,
      channel: channel.id,
      channel_type: "C",
      team: context.seed.team.id,
    });
  if (was && !is) await sendEvent(context, { type: "channel_left", channel: channel.id });
}

async function changeUsergroup(context: Context, given: NonNullable<TeamChange["usergroup"]>): Promise<void> {
  const group = context.state.usergroups.get(given.id);
  if (!group) throw new NotPossible(`there is no user group ${given.id}`);
  const before = group.users;
  group.users = [...(given.users ?? before)];
  group.deleted = given.deleted ?? group.deleted;
  context.bus.emit({ topic: "usergroup", key: group.id, value: group });
  const added = group.users.filter((user) => !before.includes(user));
  const removed = before.filter((user) => !group.users.includes(user));
  const counts = { added_users: added, added_users_count: added.length, removed_users: removed, removed_users_count: removed.length };
  if (given.users)
    await sendEvent(context, { type: "subteam_members_changed", subteam_id: group.id, team_id: context.seed.team.id, ...counts });
  if (given.deleted !== undefined)
    await sendEvent(context, { type: "subteam_updated", subteam: usergroupShape(context, group, { users: true }) });
}

async function changeUser(context: Context, given: NonNullable<TeamChange["user"]>): Promise<void> {
  const user = context.state.users.get(given.id);
  if (!user) throw new NotPossible(`there is no user ${given.id}`);
  const flags = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const changed = { ...user, ...flags };
  context.state.users.set(user.id, changed);
  if (changed.deleted === true) setStack(context, user.id, []);
  context.bus.emit({ topic: "user", key: user.id, value: changed });
  await sendEvent(context, { type: "user_change", user: userShape(context, changed, { email: true }) });
}
