import type { JsonObject } from "../loopback.ts";

/** Who pushes in the sandbox; their logins and e-mails are what the bot maps to Slack people. */
export const people = {
  bob: { name: "Bob Peeters", login: "bob-acme", email: "bob@acme.test", id: 9001001 },
  cleo: { name: "Cleo Maes", login: "cleo-acme", email: "cleo@acme.test", id: 9001002 },
} as const;

export type Author = keyof typeof people;

/** Owner of the token the bot uses: deployments and statuses are created in its name. */
export const botAccount = { login: "acme-greenlight", id: 9001099 } as const;

export function personByEmail(email: string) {
  return Object.values(people).find((person) => person.email === email) ?? null;
}

/** A GitHub account as the API spells it. */
export function account(webUrl: string, apiUrl: string, who: { login: string; id: number; type?: string }): JsonObject {
  const self = `${apiUrl}/users/${who.login}`;
  return {
    login: who.login,
    id: who.id,
    node_id: nodeId("User", who.id),
    avatar_url: `${webUrl}/avatars/${who.id}`,
    gravatar_id: "",
    url: self,
    html_url: `${webUrl}/${who.login}`,
    followers_url: `${self}/followers`,
    following_url: `${self}/following{/other_user}`,
    gists_url: `${self}/gists{/gist_id}`,
    starred_url: `${self}/starred{/owner}{/repo}`,
    subscriptions_url: `${self}/subscriptions`,
    organizations_url: `${self}/orgs`,
    repos_url: `${self}/repos`,
    events_url: `${self}/events{/privacy}`,
    received_events_url: `${self}/received_events`,
    type: who.type ?? "User",
    site_admin: false,
  };
}

export function nodeId(kind: string, id: number | string): string {
  return Buffer.from(`${kind}:${id}`).toString("base64url");
}
