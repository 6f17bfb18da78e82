import type { WebClient } from "@slack/web-api";
import type { Channels } from "./channels.ts";
import { failureOf } from "./slack-errors.ts";

/** Who we are in Slack, as auth.test says. */
export type Identity = { readonly team: string; readonly botId: string; readonly botUserId: string; readonly scopes: readonly string[] };

/** What nothing works without; `slack-manifest.yml` asks for these and no more. */
export const NEEDED_SCOPES = ["commands", "chat:write", "channels:read", "users:read", "users:read.email", "usergroups:read"] as const;

export async function readIdentity(client: WebClient): Promise<Identity> {
  const answer = await client.auth.test();
  return {
    team: answer.team_id ?? "",
    botId: answer.bot_id ?? "",
    botUserId: answer.user_id ?? "",
    scopes: answer.response_metadata?.scopes ?? [],
  };
}

/** What is wrong between us and Slack, each as a sentence that says what to do. Empty: nothing. */
export async function checkSlack(options: {
  identity(): Promise<Identity>;
  readonly channels: Channels;
  /** As the configuration names them. */
  readonly wanted: readonly string[];
}): Promise<readonly string[]> {
  try {
    const { scopes } = await options.identity();
    const missing = NEEDED_SCOPES.filter((scope) => !scopes.includes(scope));
    const lacking =
      scopes.length === 0 || missing.length === 0
        ? []
        : [
            `The Slack app lacks ${missing.join(", ")}. Add ${missing.length === 1 ? "it" : "them"} under OAuth & Permissions and install the app again.`,
          ];
    const channels = await Promise.all([...new Set(options.wanted)].map((channel) => checkChannel(options.channels, channel, scopes)));
    return [...lacking, ...channels.filter((sentence) => sentence !== null)];
  } catch (error) {
    const failure = failureOf(error);
    if (failure.kind === "rights") return [failure.sentence];
    return ["Slack does not answer now. Cards follow when it does; deployments go on, and the command line can stop and roll back."];
  }
}

async function checkChannel(channels: Channels, wanted: string, scopes: readonly string[]): Promise<string | null> {
  const channel = await channels.find(wanted);
  if (channel === null) {
    const hidden = scopes.includes("groups:read") ? "" : " (a private one is seen only with the scope groups:read)";
    return `There is no channel ${wanted} that Greenlight can see${hidden}. Create it or type /invite @greenlight there. Until then its apps are shown only to people whom their environments name.`;
  }
  if (channel.archived) return `The channel ${wanted} is archived. Unarchive it, or change \`channel\` in greenlight.yml.`;
  if (!channel.member && !scopes.includes("chat:write.public")) return `Greenlight is not in ${wanted}. Type /invite @greenlight there.`;
  if (channel.shared)
    return `The channel ${wanted} is shared with another workspace: whoever is in it reads the cards. Logs are not shown there.`;
  return null;
}
