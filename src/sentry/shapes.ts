import { z } from "zod";

/** Only the fields we read; Sentry adds others freely. Source: getsentry/sentry-api-schema. */
const Moment = z
  .string()
  .refine((text) => !Number.isNaN(Date.parse(text)))
  .transform((text) => new Date(text));

/** `count` is a string of digits in the published schema, a number in older servers. */
const Count = z.union([z.number(), z.string().regex(/^\d+$/).transform(Number)]).pipe(z.number().int().nonnegative());

const IssueShape = z.object({
  id: z.string(),
  title: z.string(),
  culprit: z.string().nullish(),
  permalink: z.string().nullish(),
  count: Count,
  userCount: z.number().int().nonnegative(),
  firstSeen: Moment,
  lastSeen: Moment.nullish(),
  isUnhandled: z.boolean().nullish(),
  issueCategory: z.string().nullish(),
  metadata: z.object({ type: z.string().nullish(), filename: z.string().nullish(), function: z.string().nullish() }).nullish().catch(null),
});

/** What an event of the search itself counted; older servers leave it out. */
const Filtered = z.object({ count: Count, userCount: z.number().int().nonnegative() });
export const FoundIssuesShape = z.array(IssueShape.extend({ filtered: Filtered.nullish() }));

export const IssueActivityShape = z.object({ activity: z.array(z.object({ type: z.string(), dateCreated: Moment })) });

export const IssuesShape = z.array(IssueShape);

export const TimeSeriesShape = z.object({
  timeSeries: z.array(
    z.object({
      yAxis: z.string(),
      values: z.array(z.object({ timestamp: z.number(), value: z.number().nonnegative().nullable() })),
    }),
  ),
});

const counts = { "count()": z.number().nonnegative(), "count_unique(user)": z.number().nonnegative() };
export const ReleaseTableShape = z.object({
  data: z.array(z.object({ release: z.string().nullish(), "count()": counts["count()"] })),
});
export const ServerTableShape = z.object({ data: z.array(z.object({ server_name: z.string().nullish(), ...counts })) });
export const EventTableShape = z.object({ data: z.array(z.object({ id: z.string().regex(/^[0-9a-f]{32}$/) })) });

/** Not published; as Sentry's own pages read it. */
export const CommittersShape = z.object({
  committers: z.array(
    z.object({
      author: z.object({ name: z.string().nullish() }).nullish(),
      commits: z.array(z.object({ id: z.string().regex(/^[0-9a-f]{40}$/) })),
    }),
  ),
});
export const IssueTableShape = z.object({ data: z.array(z.object({ "issue.id": z.union([z.number(), z.string()]), ...counts })) });

/** One value an hour; null, or no group at all, where there are no sessions. */
export const SessionsShape = z.object({
  intervals: z.array(Moment),
  groups: z.array(
    z.object({
      series: z.object({
        "sum(session)": z.array(z.number().int().nonnegative().nullable()),
        "crash_free_rate(session)": z.array(z.number().min(0).max(1).nullable()),
      }),
    }),
  ),
});

export const ReleaseShape = z.object({ version: z.string() });

export const DeployShape = z.object({ id: z.union([z.string(), z.number()]), environment: z.string(), name: z.string().nullish() });
export const DeploysShape = z.array(DeployShape);
