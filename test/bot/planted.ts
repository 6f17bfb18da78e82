import { generateKeyPairSync } from "node:crypto";
import { SECRETS } from "../support/bot-world.ts";

/** With every sign that an encoding writes in another way; only letters and digits look the same in all. */
export const AWKWARD = "planted metrics/token \"9\" $x 'é' & +%";

/** Something secret, and the line of sh that prints it where the bot must not be trusted to see it whole. */
export type Planted = { readonly name: string; readonly secret: string; readonly print: string };

const half = (secret: string): number => Math.floor(secret.length / 2);
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
const split = (secret: string): string =>
  `printf '%s' ${quoted(secret.slice(0, half(secret)))}; sleep 0.7; printf '%s\\n' ${quoted(secret.slice(half(secret)))}`;
const echo = (text: string): string => `printf '%s\\n' ${quoted(text)}`;

/** A second key, which nobody configured: only its shape tells. */
const foreignKey = generateKeyPairSync("rsa", {
  modulusLength: 1024,
  privateKeyEncoding: { type: "pkcs1", format: "pem" },
  publicKeyEncoding: { type: "pkcs1", format: "pem" },
}).privateKey.trim();

/** What a step prints: secrets of the configuration in every form, then others' by their shape. */
export function planted(sshKey: string): readonly Planted[] {
  const known: readonly Planted[] = [
    { name: "plain", secret: SECRETS.GITHUB_TOKEN, print: echo(`leak ${SECRETS.GITHUB_TOKEN}`) },
    { name: "split over chunks", secret: SECRETS.SLACK_BOT_TOKEN, print: split(`x ${SECRETS.SLACK_BOT_TOKEN} y`) },
    {
      name: "base64",
      secret: SECRETS.SLACK_APP_TOKEN,
      print: `printf '%s' ${quoted(`a:${SECRETS.SLACK_APP_TOKEN}:b`)} | base64 -w0; echo`,
    },
    {
      name: "base64 in lines",
      secret: SECRETS.SLACK_SIGNING_SECRET,
      print: `printf '%s' ${quoted(`${"p".repeat(48)}${SECRETS.SLACK_SIGNING_SECRET}${"q".repeat(70)}`)} | base64`,
    },
    {
      name: "hex",
      secret: SECRETS.GITHUB_WEBHOOK_SECRET,
      print: `printf '%s' ${quoted(SECRETS.GITHUB_WEBHOOK_SECRET)} | od -An -v -tx1 | tr -d ' \\n'; echo`,
    },
    {
      name: "colours in it",
      secret: SECRETS.SENTRY_AUTH_TOKEN,
      print: `printf '\\033[31m${SECRETS.SENTRY_AUTH_TOKEN.slice(0, 9)}\\033[1;32m${SECRETS.SENTRY_AUTH_TOKEN.slice(9)}\\033[0m\\n'`,
    },
    {
      name: "invisible characters in it",
      secret: SECRETS.HISTORY_KEY,
      print: echo(`${SECRETS.HISTORY_KEY.slice(0, 9)}\u200b\u2060${SECRETS.HISTORY_KEY.slice(9)}\u202e`),
    },
    { name: "in an address", secret: AWKWARD, print: echo(`https://x.test/?t=${encodeURIComponent(AWKWARD)}`) },
    { name: "in a form", secret: AWKWARD, print: echo(new URLSearchParams({ t: AWKWARD }).toString()) },
    { name: "in JSON", secret: AWKWARD, print: echo(JSON.stringify({ t: AWKWARD })) },
    { name: "quoted for a shell", secret: AWKWARD, print: echo(`export T=${quoted(AWKWARD)}`) },
    { name: "the private key", secret: sshKey.trim(), print: `cat <<'END'\n${sshKey}\nEND` },
  ];
  const byShape: readonly (readonly [string, string, string])[] = [
    ["an AWS key id", "AKIAPLANTED2345678XY", "using AKIAPLANTED2345678XY"],
    ["an AWS secret", "wJalrPlanted/K7MDENG+bPxRfiCYEXAMPLEKEY", "AWS_SECRET_ACCESS_KEY=wJalrPlanted/K7MDENG+bPxRfiCYEXAMPLEKEY"],
    ["a GitHub token", `ghp_${"Planted".repeat(5)}9`, `remote: ghp_${"Planted".repeat(5)}9 is revoked`],
    ["a GitLab token", "glpat-PlantedPlantedPlante", "glpat-PlantedPlantedPlante"],
    ["a Stripe key", "sk_live_PlantedPlantedPlanted12", "Invalid key sk_live_PlantedPlantedPlanted12."],
    ["a Slack token", "xoxp-1234567890-planted-by-hand", "token xoxp-1234567890-planted-by-hand"],
    [
      "a JSON Web Token",
      "eyJhbGciOiJIUzI1NiJ9.eyJwbGFudGVkIjoxfQ.plantedplanted",
      "jwt=eyJhbGciOiJIUzI1NiJ9.eyJwbGFudGVkIjoxfQ.plantedplanted",
    ],
    ["a password in a traceback", "planted-db-password", "'PASSWORD': 'planted-db-password', 'HOST': 'db'"],
    ["a password in an address", "planted-url-password", "could not connect to postgres://shop:planted-url-password@db/shop"],
    ["a header", "cGxhbnRlZDpoZWFkZXI=", "> Authorization: Basic cGxhbnRlZDpoZWFkZXI="],
  ];
  return [
    ...known,
    ...byShape.map(([name, secret, line]) => ({ name, secret, print: split(line) })),
    { name: "another's private key", secret: foreignKey, print: `cat <<'END'\n${foreignKey}\nEND` },
  ];
}

/** Every form in which a secret would be one to whoever finds it. */
export function traces(secret: string): readonly string[] {
  if (secret.includes("\n")) return secret.split("\n").filter((line) => line.length > 40 && !line.startsWith("-----"));
  const base64 = [0, 1, 2].map((before) => {
    const bytes = Buffer.from(`${"x".repeat(before)}${secret}`);
    return bytes.toString("base64").slice(Math.ceil((before * 4) / 3), Math.floor((bytes.length * 4) / 3));
  });
  const said = JSON.stringify(secret).slice(1, -1);
  return [secret, said, JSON.stringify(said).slice(1, -1), encodeURIComponent(secret), Buffer.from(secret).toString("hex"), ...base64];
}

/** Is any form there, also one that was wrapped over lines or stands in JSON? */
export function isIn(text: string, secret: string): boolean {
  const joined = text.replace(/\\+[nr]|[\n\r]/gu, "");
  return traces(secret).some((form) => text.includes(form) || joined.includes(form));
}
