import { z } from "zod";
import { BranchWord, RepositoryWord, WithShape } from "./companion-yml.ts";
import { EnvironmentShape } from "./environment-yml.ts";
import { isGuarded } from "./guarded-address.ts";
import { email, list, oneOf, pattern, personRef, section, text, timezone, webAddress, wholeNumber } from "./scalars.ts";

/** Begins with a letter: keys like `1` would lose their place in the order of the file. */
const NAME = /^[a-z][a-z0-9._-]{0,39}$/;
const NAME_WRITE = "a name of small letters, digits, `-`, `_` and `.` that begins with a letter, at most 40";

const CHANNEL_WRITE = 'a channel in quotes, as in `channel: "#shop-deploys"` (outside quotes, `#` begins a comment), or its id `C0123ABCD`';
const Channel = pattern(/^(#[^\s#@<>|]{1,80}|[CG][A-Z0-9]{2,20})$/, CHANNEL_WRITE);

const SECRET_WRITE = "`env:NAME`, the name of an environment variable that holds it; a secret never stands in this file";
const SecretName = pattern(/^env:[A-Za-z_][A-Za-z0-9_]*$/, SECRET_WRITE).transform((words) => words.slice("env:".length));

const CONNECTION_WRITE = '`{ type: gitlab, url: "https://git.acme.test", token: env:ACME_TOKEN, webhook_secret: env:ACME_SECRET }`';
const url = webAddress("https://git.acme.test").optional().meta({ description: "The provider's API; its public one unless given." });

const SSH_WRITE = "`{ type: ssh, private_key: env:ACME_WEB_KEY }`, with `passphrase: env:...` if it has one, or `agent: env:SSH_AUTH_SOCK`";

const PAGER_WRITE =
  '`{ type: pager, routing_key: env:PAGERDUTY_KEY }` for PagerDuty, or `{ type: pager, url: "https://oncall.acme.test/hook", secret: env:ONCALL_SECRET }` for a signed webhook';

/** An address that is a secret is named like every secret. */
function guardedUrl(example: string) {
  const error = `an https address, as in \`url: ${example}\`, or \`env:NAME\` if the address itself is a secret`;
  return z.union([webAddress(example).refine(isGuarded, { error }), SecretName.transform((variable) => ({ variable }))], { error });
}

const ROSTER_WRITE = '`{ type: roster, url: "https://duty.acme.test/now", token: env:DUTY_TOKEN }`';

/** A named account. The secrets are names of environment variables. */
export const ConnectionShape = z.discriminatedUnion(
  "type",
  [
    section(
      {
        type: z.literal("github"),
        url,
        token: SecretName.optional(),
        webhook_secret: SecretName.optional(),
        app_id: SecretName.optional(),
        private_key: SecretName.optional(),
      },
      CONNECTION_WRITE,
    ),
    section(
      {
        type: z.literal("gitlab"),
        url,
        token: SecretName.optional(),
        webhook_secret: SecretName.optional(),
        signing_token: SecretName.optional(),
      },
      CONNECTION_WRITE,
    ),
    section({ type: z.literal("ci"), webhook_secret: SecretName }, CONNECTION_WRITE),
    section({ type: z.literal("sentry"), url, token: SecretName, webhook_secret: SecretName.optional() }, CONNECTION_WRITE),
    section(
      {
        type: z.literal("ssh"),
        private_key: SecretName.optional().meta({
          description: "Names the variable with the key, or with `_FILE` behind its name its path.",
        }),
        passphrase: SecretName.optional(),
        agent: SecretName.optional().meta({
          description: "Names the variable with the socket of an SSH agent, as in `env:SSH_AUTH_SOCK`.",
        }),
      },
      SSH_WRITE,
    ).refine((ssh) => ssh.private_key !== undefined || ssh.agent !== undefined, { error: SSH_WRITE }),
    section(
      {
        type: z.literal("pager"),
        url: guardedUrl("https://oncall.acme.test/hook")
          .optional()
          .meta({ description: "Where calls are sent; with `routing_key` that of PagerDuty unless given." }),
        secret: SecretName.optional().meta({ description: "Signs calls by Standard Webhooks: `whsec_` and base64." }),
        routing_key: SecretName.optional().meta({ description: "The integration key of a PagerDuty service, Events API v2." }),
      },
      PAGER_WRITE,
    ).refine(
      ({ url: address, secret, routing_key: key }) =>
        key === undefined ? secret !== undefined && address !== undefined : secret === undefined,
      { error: PAGER_WRITE },
    ),
    section(
      {
        type: z.literal("roster"),
        url: guardedUrl("https://duty.acme.test/now").meta({ description: "Asked by GET who is on duty now." }),
        token: SecretName.optional().meta({ description: "Shown there as `Authorization: Bearer`." }),
      },
      ROSTER_WRITE,
    ),
  ],
  {
    error: (issue) => (issue.path?.at(-1) === "type" ? "`github`, `gitlab`, `ci`, `sentry`, `ssh`, `pager` or `roster`" : CONNECTION_WRITE),
  },
);

const LOGIN_WRITE = "a login without `@`, as in `github: ann`";
const Login = pattern(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,254}$/, LOGIN_WRITE);

export const PersonShape = section(
  {
    slack: pattern(/^[UW][A-Z0-9]{2,20}$/, "the Slack id, as in `slack: U0123ABCD` (profile, three dots, Copy member ID)"),
    emails: z.array(email(), { error: "a list of addresses, as in `emails: [ann@acme.test]`" }).default([]),
    github: Login.optional(),
    gitlab: Login.optional(),
  },
  "`{ slack: U0123ABCD, emails: [ann@acme.test], github: ann }`",
);

const PEOPLE_WRITE = 'a list of people, as in `["@client-team", "ann@acme.test"]`; an empty list would mean nobody';
const STAGES_WRITE = "a list of names of stages, as in `stages: [build, acceptance]`";
const ALSO_WRITE = '`{ channel: "#alerts", only: failures }`';

const PATHS_WRITE = 'a list of folders and patterns from the top of the repository, as in `paths: [backend, "libs/**/*.py"]`';
/** From the top, without `..`; nothing that git would not have in a name. */
const PATH = /^(?![/.]{1,2}(\/|$))(?!.*(^|\/)\.\.(\/|$))[^\p{Cc}\\:]{1,200}$/u;

const SMALL_WRITE = "`small: { changes: 15, days: 5 }`";
const TICKETS_WRITE = '`tickets: { pattern: "SHOP-[0-9]+", url: "https://tracker.acme.test/browse/{ticket}" }`';
const TicketsShape = section(
  {
    pattern: text(TICKETS_WRITE)
      .max(200, { error: TICKETS_WRITE })
      .refine(isPattern, { error: TICKETS_WRITE })
      .meta({ description: "A regular expression; it must not match nothing." }),
    url: webAddress("https://tracker.acme.test/browse/{ticket}")
      .refine((words) => decodeURI(words).includes("{ticket}"), { error: TICKETS_WRITE })
      .transform((words) => words.replaceAll("%7Bticket%7D", "{ticket}"))
      .meta({ description: "Its address, with `{ticket}` where the name belongs." }),
  },
  TICKETS_WRITE,
);

/** One that matches nothing would find a ticket between any two letters. */
function isPattern(words: string): boolean {
  try {
    return !new RegExp(`^(?:${words})$`, "u").test("");
  } catch {
    return false;
  }
}

const AlsoShape = section(
  {
    channel: Channel,
    only: oneOf(["failures"]).meta({ description: "`failures`: failed, regression and rolled back, each with a link to the card." }),
    environments: list(text("the name of an environment of this app"), "a list of environments, as in `environments: [production]`")
      .optional()
      .meta({ description: "Of these environments alone; otherwise of all." }),
  },
  ALSO_WRITE,
);

/** One app with its environments. */
export const AppShape = section(
  {
    repository: RepositoryWord,
    channel: Channel.optional().meta({ description: "Where its cards go; the file's `channel` unless given." }),
    branch: BranchWord.meta({ description: "Only revisions reachable from it are candidates." }),
    with: WithShape,
    paths: list(pattern(PATH, PATHS_WRITE), PATHS_WRITE)
      .optional()
      .meta({ description: "Its part of the repository; a push that touches none of it makes no card and no candidate." }),
    tickets: TicketsShape.optional().meta({ description: "How tickets are named in titles, and where they are." }),
    small: section(
      {
        changes: wholeNumber("changes: 15", { least: 1, most: 10_000 }).default(15),
        days: wholeNumber("days: 5", { least: 1, most: 365 }).default(5),
      },
      SMALL_WRITE,
    )
      .optional()
      .meta({ description: "Above this many changes, or days that the oldest waits, the channel is told once a week." }),
    privacy: oneOf(["normal", "strict"])
      .default("normal")
      .meta({ description: "`strict`: no titles and messages of Sentry, no log tails in Slack." }),
    visible_to: list(personRef(), PEOPLE_WRITE)
      .optional()
      .meta({ description: "Who may know of it, besides those whom its environments name; otherwise the whole team but guests." }),
    also: z
      .array(AlsoShape, { error: `a list of channels, as in \`also: [${ALSO_WRITE.slice(1, -1)}]\`` })
      .optional()
      .meta({ description: "Other channels that hear of what goes wrong." }),
    stages: list(text(STAGES_WRITE), STAGES_WRITE)
      .optional()
      .meta({ description: "The CI stages that cards list; one that fails is listed all the same." }),
    broadcast: z
      .boolean({ error: "`true` or `false`" })
      .default(true)
      .meta({ description: "A regression and a failed rollback are shown in the channel, not in the thread alone." }),
    environments: named(EnvironmentShape, "a map of environments, as in `environments: { staging: {...}, production: {...} }`").meta({
      description: "In the order in which people think of them.",
    }),
  },
  "an app with `repository:`, `channel:` and `environments:`",
);

/** The whole of `greenlight.yml`. */
export const FileShape = section(
  {
    command: pattern(/^\/[a-z0-9_-]{1,31}$/, "a slash command of small letters, as in `command: /deploy`")
      .default("/deploy")
      .meta({ description: "The slash command; `/deploy` is often taken." }),
    channel: Channel.optional().meta({ description: "The channel of apps that name none." }),
    timezone: timezone()
      .optional()
      .meta({ description: "For times in titles and notifications of channels; otherwise that of the process (`TZ`)." }),
    connections: z
      .record(pattern(NAME, NAME_WRITE), ConnectionShape, {
        error: `a map of connections, as in \`connections: { acme: ${CONNECTION_WRITE.slice(1, -1)} }\``,
      })
      .default({})
      .meta({ description: "Named accounts; the connection `default` of each kind comes from the environment." }),
    people: z
      .array(PersonShape, { error: "a list of people, as in `people: [{ slack: U0123ABCD, github: ann }]`" })
      .default([])
      .meta({ description: "Who is who, where e-mail addresses do not say it." }),
    apps: named(AppShape, "a map of apps, as in `apps: { shop: { repository: github:acme/shop, ... } }`").meta({
      description: "What is deployed.",
    }),
  },
  "a map with `apps:`",
);

export type ConnectionDraft = z.output<typeof ConnectionShape>;
export type PersonDraft = z.output<typeof PersonShape>;
export type FileDraft = z.output<typeof FileShape>;
export type AppDraft = z.output<typeof AppShape>;

function named<Item extends z.ZodType>(item: Item, write: string) {
  return z.record(pattern(NAME, NAME_WRITE), item, { error: write }).refine((entries) => Object.keys(entries).length > 0, { error: write });
}

/** The file's schema for editors, as JSON Schema 2020-12, of what people write (defaults are optional). */
export function schemaText(): string {
  const schema = z.toJSONSchema(FileShape, { io: "input" });
  return `${JSON.stringify({ ...schema, title: "greenlight.yml" }, null, 2)}\n`;
}
