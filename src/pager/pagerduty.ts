import type { Page } from "../domain/page.ts";

/** Longer ones are refused (Events API v2, `payload.summary`). */
const MOST_SUMMARY = 1024;

/** A regression may wait for a person who is awake; a rollback that did not help may not. */
const SEVERITY: Readonly<Record<Page["cause"], "critical" | "error">> = {
  regression: "error",
  unverified: "error",
  rollback_failed: "critical",
  needs_attention: "critical",
  not_stopped: "critical",
};

/**
 * One event of PagerDuty's Events API v2 (developer.pagerduty.com). The key is the deployment's, so that a call that is made twice is
 * one incident, and what is acknowledged or resolved here is so there.
 */
export function pagerDutyBody(routingKey: string, page: Page) {
  const head = { routing_key: routingKey, event_action: page.event, dedup_key: `greenlight:${page.deployment}` };
  if (page.event !== "trigger") return head;
  const { summary, app, environment, number, revision, cause, url } = page;
  return {
    ...head,
    client: "Greenlight",
    payload: {
      summary: summary.length <= MOST_SUMMARY ? summary : `${summary.slice(0, MOST_SUMMARY - 1)}…`,
      source: `${app}/${environment}`,
      severity: SEVERITY[cause],
      timestamp: page.since.toISOString(),
      component: app,
      group: environment,
      class: cause,
      custom_details: {
        deployment: `#${number}`,
        revision,
        errors_per_minute: page.errorsPerMinute,
        errors_per_minute_before: page.errorsPerMinuteBefore,
        people_hit: page.usersHit,
      },
    },
    links: url === null ? [] : [{ href: url, text: `Open ${app}` }],
  };
}
