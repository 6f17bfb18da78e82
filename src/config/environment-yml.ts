import { z } from "zod";
import type { OnCallRef } from "../domain/config.ts";
import { DATES_WRITE, dateRange } from "./dates.ts";
import { duration, list, oneOf, pattern, PERSON_WRITE, personRef, section, text, timeOfDay, timezone, webAddress } from "./scalars.ts";
import { RequirementShape } from "./requirement-yml.ts";
import { TargetShape } from "./target-yml.ts";

const COUNT_WRITE = "`count: 1` or more: how many people must say yes, at most as many as are listed";
const PEOPLE_WRITE = 'a list of people, as in `["@product-owners", "ann@acme.test"]`; an empty list would mean nobody';

const ROSTER_WRITE = "`{ roster: duty }`, the name of a connection of type roster";
const ON_CALL_WRITE = 'a list of people, groups and duty rosters, as in `["@on-call", { roster: duty }]`';
const OnCallEntry = z.union(
  [
    personRef(),
    section({ roster: text(ROSTER_WRITE) }, ROSTER_WRITE).transform(({ roster }): OnCallRef => ({ kind: "roster", connection: roster })),
  ],
  { error: `${PERSON_WRITE}; or ${ROSTER_WRITE}` },
);

const ApprovalShape = section(
  {
    from: list(personRef(), PEOPLE_WRITE).meta({ description: "`@handle` of a user group, Slack ids or e-mail addresses." }),
    count: z.int({ error: COUNT_WRITE }).min(1, { error: COUNT_WRITE }).default(1).meta({ description: "How many different people." }),
    expires: duration("24h", { ms: 60_000, text: "1m" })
      .default(86_400_000)
      .meta({ description: "How long one approval counts.", default: "24h" }),
    working_days: timezone().optional().meta({
      description: "Hours of Saturday and Sunday in this time zone do not count for `expires`.",
    }),
    override: section({ from: list(personRef(), PEOPLE_WRITE) }, '`override: { from: ["ann@acme.test"] }`')
      .optional()
      .meta({ description: "Who may deploy without the yeses, with a reason that everybody reads; otherwise nobody." }),
    cool_off: duration("24h", { ms: 60_000, text: "1m" })
      .optional()
      .meta({ description: "How long a new member of a user group in `from` does not decide yet." }),
    unmapped_authors: oneOf(["warn", "refuse"])
      .default("warn")
      .meta({ description: "An author who is nobody in Slack: named on the card, or nobody may say yes." }),
  },
  '`approval: { from: ["@product-owners", "ann@acme.test"], count: 1, expires: 24h }`',
);

const AfterShape = section(
  {
    environment: text("the name of an environment of this app").meta({
      description: "The environment in which the revision must have been deployed before.",
    }),
    for: duration("10m", { ms: 0, text: "0s" })
      .default(0)
      .meta({ description: "Time since it was live there on all hosts.", default: "0s" }),
    verdict: oneOf(["succeeded", "succeeded_or_unverified"]).default("succeeded_or_unverified"),
  },
  "`after: { environment: staging, for: 10m }`",
);

const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

const FreezeShape = section(
  {
    days: list(oneOf(DAYS), "a list of days, as in `days: [fri, sat, sun]`")
      .optional()
      .meta({ description: "Days of the week; with `dates` only those of them." }),
    dates: list(dateRange(), DATES_WRITE).optional().meta({ description: "Dates, and ranges of dates with both ends included." }),
    from: timeOfDay("from").optional().meta({ description: "With `dates` the whole day unless given." }),
    to: timeOfDay("to")
      .optional()
      .meta({ description: "At or before `from`, the window runs over midnight and belongs to its first day." }),
    timezone: timezone(),
    reason: text("why, in a few words, as in `reason: weekend`").optional(),
  },
  '`freeze: [{ days: [fri], from: "15:00", to: "24:00", timezone: Europe/Brussels }]`',
);

const SentryWatchShape = section(
  {
    project: pattern(/^[a-z0-9][a-z0-9_-]*$/, "the project's slug, as in `project: shop`"),
    environment: text("the environment's name in Sentry, as in `environment: production`"),
    connection: text("the name of a connection of type sentry").default("default"),
    organization: pattern(/^[a-z0-9][a-z0-9_-]*$/, "the organization's slug, as in `organization: acme`").optional(),
    release_prefix: text("text before the revision in Sentry's release name, as in `release_prefix: shop@`").default(""),
    server_side: z.boolean({ error: "`server_side: true` or `server_side: false`" }).default(false).meta({
      description: "Only your own servers know the project's DSN: its errors may roll back by themselves, whichever server sent them.",
    }),
  },
  "`sentry: { project: shop, environment: production }`",
);

const PAGE_WRITE = "`http: { url: https://shop.acme.test/health }`";
const REVISION_WRITE = "the name of a header or of a JSON field, as in `revision: X-Revision` or `revision: build.commit`";
const ALSO_WRITE = "a list of more pages, as in `also: [{ url: https://shop.acme.test/cart, contains: Basket }]`";
const Page = {
  url: webAddress("https://shop.acme.test/health"),
  contains: text("a piece of the page's text, as in `contains: Welcome`")
    .optional()
    .meta({ description: "The page must answer with this in its first 256 KiB." }),
};

const WatchShape = section(
  {
    for: duration("30m", { ms: 1000, text: "1s" }).meta({ description: "How long is measured after a deployment." }),
    every: duration("30s", { ms: 1000, text: "1s" })
      .optional()
      .meta({ description: "Time between two looks; a 30th of `for`, from 5s to 60s, unless given." }),
    baseline: duration("60m", { ms: 60_000, text: "1m" })
      .default(3_600_000)
      .meta({ description: "History to compare with.", default: "60m" }),
    sentry: SentryWatchShape.optional(),
    http: section(
      {
        ...Page,
        also: list(section(Page, PAGE_WRITE), ALSO_WRITE).optional(),
        revision: pattern(/^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/, REVISION_WRITE)
          .optional()
          .meta({ description: "The header, or the field of its JSON, in which the page at `url` says which revision it runs." }),
      },
      PAGE_WRITE,
    ).optional(),
    on_regression: oneOf(["shadow", "offer", "rollback"])
      .default("offer")
      .meta({ description: "`shadow` records, `offer` shows the button, `rollback` rolls back after a countdown." }),
    countdown: duration("90s", { ms: 1000, text: "1s" })
      .default(90_000)
      .meta({ description: "Time to stop an automatic rollback.", default: "90s" }),
    unseen: oneOf(["act", "hold"])
      .default("act")
      .meta({ description: "A countdown that Slack could not show: `act` rolls back all the same, `hold` waits for a person." }),
  },
  "`watch: { for: 30m, sentry: { project: shop, environment: production } }`",
);

const TEAMS_WRITE = "a list of Slack team ids, with the name that people know them by: `teams: [T0123ABCD, { id: T0456EFGH, name: Acme }]`";
function teamId() {
  return pattern(/^T[A-Z0-9]{2,20}$/, TEAMS_WRITE);
}

const BY_CI_WRITE = "`by_ci: { environment: eu-staging }` as GitHub or GitLab calls it, or `by_ci: { stage: deploy-staging }`";
const ByCiShape = section(
  {
    environment: text(BY_CI_WRITE).optional().meta({ description: "What GitHub or GitLab calls it; the same name unless given." }),
    stage: text(BY_CI_WRITE).optional().meta({ description: "The stage of the pipeline that deploys there: live when it has passed." }),
  },
  BY_CI_WRITE,
);

const ACCEPTANCE_WRITE = "`acceptance: { stage: acceptance }`, with `start: acceptance.yml` or `start: pipeline` if Greenlight starts it";
const AcceptanceShape = section(
  {
    stage: text(ACCEPTANCE_WRITE).meta({ description: "Its name, as CI calls it and as `requires` names it." }),
    start: pattern(/^(pipeline|[A-Za-z0-9_][A-Za-z0-9_.-]*\.ya?ml)$/, ACCEPTANCE_WRITE)
      .optional()
      .meta({ description: "What is started once a deployment is live: a workflow file at GitHub, `pipeline` at GitLab." }),
  },
  ACCEPTANCE_WRITE,
);

const FLAG_WRITE = "`true` or `false`";
const AllowShape = section(
  {
    guests: z.boolean({ error: FLAG_WRITE }).default(false),
    teams: z
      .array(z.union([teamId(), section({ id: teamId(), name: text(TEAMS_WRITE) }, TEAMS_WRITE)], { error: TEAMS_WRITE }), {
        error: TEAMS_WRITE,
      })
      .default([]),
  },
  "`allow: { guests: false, teams: [T0123ABCD] }`",
);

/** One environment as it stands in the file. Rules over several keys are in `rules.ts`. */
export const EnvironmentShape = section(
  {
    requires: z
      .array(RequirementShape, { error: "a list of stages, as in `requires: [build, unit]`" })
      .default([])
      .meta({ description: "Stages of the pipeline that must have passed." }),
    after: AfterShape.optional().meta({ description: "Where the revision must have been before." }),
    needs: oneOf(["validation"]).optional().meta({ description: 'A person\'s "looks good" on the environment named in `after`.' }),
    approval: ApprovalShape.optional().meta({ description: "People say yes to each deployment." }),
    deploy: oneOf(["automatically", "by_ci"])
      .optional()
      .meta({ description: "In place of `approval`: every candidate at once, or CI deploys and Greenlight records." }),
    by_ci: ByCiShape.optional().meta({ description: "What means that CI deployed; with `deploy: by_ci`." }),
    live_content: oneOf(["refuse", "warn"])
      .default("refuse")
      .meta({ description: "A version that lacks commits which are live here: not deployed, or deployed with a warning." }),
    acceptance: AcceptanceShape.optional().meta({
      description: "The stage that tests what is live here; environments that come after it may require it.",
    }),
    freeze: z.array(FreezeShape, { error: "a list of windows" }).default([]).meta({ description: "When nothing is deployed." }),
    rollback: section({ from: list(personRef(), PEOPLE_WRITE) }, '`rollback: { from: ["@on-call"] }`')
      .optional()
      .meta({ description: "Who may roll back; otherwise approvers, requesters and on-call." }),
    on_call: z
      .array(OnCallEntry, { error: ON_CALL_WRITE })
      .default([])
      .meta({ description: "Mentioned when something goes wrong: people, groups, and duty rosters that are asked who it is now." }),
    escalate: section(
      {
        after: duration("10m", { ms: 60_000, text: "1m" })
          .default(600_000)
          .meta({ description: "How long a regression waits for somebody to take it.", default: "10m" }),
        to: text("the name of a connection of type pager"),
      },
      "`escalate: { after: 10m, to: pager }`",
    )
      .optional()
      .meta({ description: "Who is woken when nobody takes a regression, or a rollback did not help; otherwise nobody." }),
    allow: AllowShape.default({ guests: false, teams: [] }).meta({
      description: "Guests and other teams whose people may act when listed.",
    }),
    url: webAddress("https://shop.acme.test").optional().meta({ description: "Where people look at it." }),
    on_failure: oneOf(["hold", "finish", "rollback"]).default("hold").meta({ description: "When a step fails on one host." }),
    target: TargetShape.optional().meta({ description: "What carries a deployment; not needed with `deploy: by_ci`." }),
    watch: WatchShape.optional().meta({ description: "Measuring after a deployment." }),
  },
  "an environment with `target:` and one of `approval:`, `deploy: automatically` and `deploy: by_ci`",
);

export type EnvironmentDraft = z.output<typeof EnvironmentShape>;
