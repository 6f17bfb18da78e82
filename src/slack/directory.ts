import { WebAPIPlatformError, type WebClient } from "@slack/web-api";
import type { PersonRef } from "../domain/config.ts";
import type { Clock, Directory } from "../ports.ts";
import { createChannelReaders } from "./channel-readers.ts";
import type { Channels } from "./channels.ts";
import type { LogLine, Person } from "./deps.ts";
import { remembered } from "./remembered.ts";

/** `stranger`: of another workspace, and in no channel that we see. Whoever shares one with us is not: their team says whose they are. */
type Known = Person & { readonly stranger: boolean };

export type SlackDirectory = Directory & {
  /** Handle without `@` to user group id; empty when Slack cannot be asked. */
  groups(): Promise<ReadonlyMap<string, string>>;
  /** Read everything anew: a group changed. */
  forget(): void;
};

/** People and groups by Slack's own ids. What cannot be read is nobody, and is named (invariant 6). */
export function createDirectory(
  client: WebClient,
  options: { readonly now: Clock; readonly log: LogLine; readonly channels: Channels; team(): Promise<string> },
): SlackDirectory {
  const people = remembered((id: string) => readPerson(client, id), options.now);
  const emails = remembered((email: string) => readByEmail(client, email), options.now);
  const handles = remembered(() => readGroups(client), options.now);
  const members = remembered((group: string) => readMembers(client, group), options.now);
  const readers = createChannelReaders(client, { ...options, person: (id) => people.get(id) });

  async function one(ref: PersonRef, allow: Allow): Promise<readonly string[]> {
    switch (ref.kind) {
      case "group":
        return membersOf(ref.handle);
      case "id":
        return [await colleague(await people.get(ref.id), ref.id, allow)];
      case "email":
        return [await colleague(await emails.get(ref.email.toLowerCase()), ref.email, allow)];
      default:
        return ref satisfies never;
    }
  }

  async function membersOf(handle: string): Promise<readonly string[]> {
    const id = (await handles.get("all")).get(handle.replace(/^@/u, ""));
    if (id === undefined) throw new Nobody(`there is no user group ${handle}`);
    const ids = await members.get(id);
    if (ids.length === 0) throw new Nobody(`the user group ${handle} is empty`);
    return ids;
  }

  async function colleague(person: Known | null, named: string, allow: Allow): Promise<string> {
    if (person === null) throw new Nobody(`Slack knows nobody as ${named}`);
    if (person.deleted) throw new Nobody(`${named} is deactivated in Slack`);
    if (person.bot) throw new Nobody(`${named} is a bot`);
    if (person.team !== (await options.team()) && !allow.teams.includes(person.team))
      throw new Nobody(`${named} is of another Slack workspace, which \`allow\` does not name`);
    if (person.stranger) throw new Nobody(`${named} shares no channel with Greenlight`);
    if (person.guest && !allow.guests) throw new Nobody(`${named} is a guest, and \`allow\` does not let guests act`);
    return person.id;
  }

  return {
    team: options.team,
    async resolve(refs, allow = NO_OUTSIDERS) {
      const ids = new Set<string>();
      const unreadable: string[] = [];
      let away = false;
      for (const ref of refs) {
        try {
          for (const id of await one(ref, allow)) ids.add(id);
        } catch (error) {
          unreadable.push(whyNobody(error, ref));
          away ||= !(error instanceof Nobody) && !(error instanceof WebAPIPlatformError);
          if (!(error instanceof Nobody))
            options.log("warn", "people could not be read from Slack", { ref: nameOf(ref), because: codeOf(error) });
        }
      }
      return { ids: [...ids], unreadable, away };
    },
    async byEmail(email) {
      const person = await emails.get(email.toLowerCase());
      if (person === null || person.deleted || person.bot || person.team !== (await options.team())) return null;
      return { id: person.id, name: person.name };
    },
    person: (id) => people.get(id),
    readsChannel: readers.reads,
    async groups() {
      try {
        return await handles.get("all");
      } catch (error) {
        options.log("warn", "user groups could not be read from Slack", { because: codeOf(error) });
        return new Map();
      }
    },
    forget() {
      for (const memory of [people, emails, handles, members]) memory.clear();
    },
  };
}

type Allow = NonNullable<Parameters<Directory["resolve"]>[1]>;
const NO_OUTSIDERS: Allow = { guests: false, teams: [] };

/** An answer that is no fault: there is nobody. */
class Nobody extends Error {}

function whyNobody(error: unknown, ref: PersonRef): string {
  if (error instanceof Nobody) return error.message;
  const code = codeOf(error);
  if (code === "plan_upgrade_required") return `${nameOf(ref)}: this Slack plan has no user groups, name people by id or e-mail instead`;
  if (code === "missing_scope") return `${nameOf(ref)}: the app lacks a scope, run greenlight doctor`;
  return `${nameOf(ref)} could not be read from Slack (${code})`;
}

function nameOf(ref: PersonRef): string {
  return ref.kind === "group" ? ref.handle : ref.kind === "id" ? ref.id : ref.email;
}

function codeOf(error: unknown): string {
  if (error instanceof WebAPIPlatformError) return error.data.error;
  return error instanceof Error ? error.name : "unknown";
}

async function readPerson(client: WebClient, id: string): Promise<Known | null> {
  try {
    return personOf((await client.users.info({ user: id })).user);
  } catch (error) {
    if (error instanceof WebAPIPlatformError && UNKNOWN.has(error.data.error)) return null;
    throw error;
  }
}

const UNKNOWN: ReadonlySet<string> = new Set(["user_not_found", "users_not_found", "user_not_visible"]);

async function readByEmail(client: WebClient, email: string): Promise<Known | null> {
  try {
    return personOf((await client.users.lookupByEmail({ email })).user);
  } catch (error) {
    if (error instanceof WebAPIPlatformError && UNKNOWN.has(error.data.error)) return null;
    throw error;
  }
}

type SlackUser = NonNullable<Awaited<ReturnType<WebClient["users"]["info"]>>["user"]>;

function personOf(user: SlackUser | undefined): Known | null {
  if (user?.id === undefined) return null;
  const names = [user.profile?.display_name, user.profile?.real_name, user.real_name, user.name];
  return {
    id: user.id,
    name: names.find((name) => name !== undefined && name.trim() !== "") ?? user.id,
    team: user.team_id ?? "",
    guest: user.is_restricted === true || user.is_ultra_restricted === true,
    stranger: user.is_stranger === true,
    bot: user.is_bot === true || user.id === "USLACKBOT",
    deleted: user.deleted === true,
    timezone: user.tz ?? "UTC",
  };
}

async function readGroups(client: WebClient): Promise<ReadonlyMap<string, string>> {
  const answer = await client.usergroups.list({ include_disabled: false });
  const groups = (answer.usergroups ?? []).filter((group) => group.date_delete === undefined || group.date_delete === 0);
  return new Map(
    groups.flatMap((group) => (group.handle === undefined || group.id === undefined ? [] : [[group.handle, group.id] as const])),
  );
}

async function readMembers(client: WebClient, group: string): Promise<readonly string[]> {
  return (await client.usergroups.users.list({ usergroup: group })).users ?? [];
}
