import type { Context } from "../context.ts";
import { textOf, type Json } from "../json.ts";
import { failed, fine, type Answer } from "./answer.ts";
import { flagOf, page } from "./arguments.ts";
import type { Methods } from "./method.ts";
import { userShape, usergroupShape } from "./shapes.ts";

export const peopleMethods: Methods = {
  "users.info": { tier: "t4", scopes: ["users:read"], required: ["user"], optional: ["include_locale"], run: info },
  "users.list": { tier: "t2", scopes: ["users:read"], optional: ["cursor", "include_locale", "limit"], run: all },
  "users.lookupByEmail": { tier: "t3", scopes: ["users:read.email"], required: ["email"], run: byEmail },
  "usergroups.list": {
    tier: "t2",
    scopes: ["usergroups:read"],
    optional: ["include_count", "include_disabled", "include_users"],
    run: groups,
  },
  "usergroups.users.list": {
    tier: "t2",
    scopes: ["usergroups:read"],
    required: ["usergroup"],
    optional: ["include_disabled"],
    run: groupUsers,
  },
};

/** E-mail addresses are shown only with their own scope. */
function email(context: Context): { email: boolean } {
  return { email: context.seed.bot.scopes.includes("users:read.email") };
}

function info(context: Context, args: Json): Answer {
  const user = context.state.users.get(textOf(args["user"]) ?? "");
  return user ? fine({ user: userShape(context, user, email(context)) }) : failed("user_not_found");
}

/** People of other teams are not in the list: they are reached by users.info alone. */
function all(context: Context, args: Json): Answer {
  const own = [...context.state.users.values()].filter((user) => user.team_id === context.seed.team.id);
  const part = page(own, args, 1000);
  if (!part) return failed("invalid_cursor");
  const members = part.items.map((user) => userShape(context, user, email(context)));
  return fine({ members, cache_ts: Math.floor(context.clock.now().getTime() / 1000), response_metadata: { next_cursor: part.next } });
}

function byEmail(context: Context, args: Json): Answer {
  const wanted = (textOf(args["email"]) ?? "").toLowerCase();
  const user = [...context.state.users.values()].find(
    (one) => one.email?.toLowerCase() === wanted && one.deleted !== true && one.team_id === context.seed.team.id,
  );
  return user ? fine({ user: userShape(context, user, { email: true }) }) : failed("users_not_found");
}

/** Free plans have no user groups. */
function groups(context: Context, args: Json): Answer {
  if (context.state.plan === "free") return failed("plan_upgrade_required");
  const shown = [...context.state.usergroups.values()].filter((group) => !group.deleted || flagOf(args, "include_disabled") === true);
  return fine({ usergroups: shown.map((group) => usergroupShape(context, group, { users: flagOf(args, "include_users") === true })) });
}

function groupUsers(context: Context, args: Json): Answer {
  if (context.state.plan === "free") return failed("plan_upgrade_required");
  const group = context.state.usergroups.get(textOf(args["usergroup"]) ?? "");
  if (!group || (group.deleted && flagOf(args, "include_disabled") !== true)) return failed("no_such_subteam");
  const users = group.users.filter((user) => context.state.users.get(user)?.deleted !== true || flagOf(args, "include_disabled") === true);
  return fine({ users });
}
