import { z } from "zod";

/** A webhook of Sentry says that a look is worth it, no more: what is true is asked of its API. */
export type Hint =
  /** Slugs of the projects concerned; none: it names none, so any project of the organization may be. */
  { readonly kind: "hint"; readonly projects: readonly string[] } | { readonly kind: "ignored"; readonly reason: string };

const slug = z.string().regex(/^[A-Za-z0-9_-]{1,100}$/);
const action = z.string().max(40);
/** Only the fields that are read; sources: Sentry's documents on integration webhooks, one shape a resource. */
const issueHook = z.object({ action, data: z.object({ issue: z.object({ project: z.object({ slug }) }) }) });
const eventHook = z.object({ action, data: z.object({ event: z.object({ url: z.string().max(2000).nullish() }) }) });
const metricHook = z.object({ action, data: z.object({ metric_alert: z.object({ projects: z.array(slug).max(1000) }) }) });
const installationHook = z.object({ action, data: z.object({ installation: z.unknown() }) });
const storedHint = z.object({ projects: z.array(slug) });

/** An issue that is new or came back. What people do with issues is no trouble of a deployment. */
const TROUBLE_OF_ISSUES: ReadonlySet<string> = new Set(["created", "unresolved"]);
const TROUBLE_OF_METRICS: ReadonlySet<string> = new Set(["critical", "warning"]);
/** `https://sentry.io/api/0/projects/acme/shop/events/…/`: an event names its project by number alone, its address by slug. */
const PROJECT_OF_EVENT = /\/projects\/[^/]+\/(?<project>[A-Za-z0-9_-]{1,100})\/events\//;

/** What a webhook hints at. By its body, which is signed, never by its headers, which are not. Never throws. */
export function readHint(body: Uint8Array): Hint {
  const sent = parsed(body);
  if (sent === undefined) return ignored("the body is not JSON that can be read");
  const issue = issueHook.safeParse(sent);
  if (issue.success) {
    const { data } = issue;
    return TROUBLE_OF_ISSUES.has(data.action)
      ? { kind: "hint", projects: [data.data.issue.project.slug] }
      : ignored("what people do with issues needs no look");
  }
  const metric = metricHook.safeParse(sent);
  if (metric.success) {
    const { data } = metric;
    return TROUBLE_OF_METRICS.has(data.action)
      ? { kind: "hint", projects: data.data.metric_alert.projects }
      : ignored("an alert that is over needs no look");
  }
  const event = eventHook.safeParse(sent);
  if (event.success) {
    const project = PROJECT_OF_EVENT.exec(event.data.data.event.url ?? "")?.groups?.["project"];
    return { kind: "hint", projects: project === undefined ? [] : [project] };
  }
  if (installationHook.safeParse(sent).success) return ignored("the integration was installed or removed");
  return ignored("the body has the shape of no webhook that is used");
}

/** What is stored of a webhook: where it points. Whom an error hit, and what was typed, is none of ours. */
export function hintToStore(body: Uint8Array): Buffer {
  const hint = readHint(body);
  return Buffer.from(JSON.stringify({ projects: hint.kind === "hint" ? hint.projects : [] }));
}

/** The other way round. Never throws. */
export function hintFromStored(body: Uint8Array): Hint {
  const stored = storedHint.safeParse(parsed(body));
  return stored.success ? { kind: "hint", projects: stored.data.projects } : ignored("what was stored of it cannot be read");
}

function parsed(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    return undefined;
  }
}

function ignored(reason: string): Hint {
  return { kind: "ignored", reason };
}
