import type { Answer, Route, Visit } from "../loopback.ts";
import { escapeHtml, html } from "../loopback.ts";
import type { SentrySite } from "./payloads.ts";
import { issuePage, usersOf } from "./payloads.ts";
import type { Issue, SentryStore } from "./store.ts";

const MINUTE_MS = 60_000;
const SHOWN_MINUTES = 30;

/** The pages that links in Slack lead to: the list of issues, one issue, one release. */
export function pageRoutes(site: SentrySite, store: SentryStore): Route[] {
  const page = (path: string, answer: Route["answer"]): Route => ({ method: "GET", path: `/organizations/${site.org}${path}`, answer });
  return [
    page("/issues", () => layout(site, "Issues", list(site, store, store.issues()))),
    page("/issues/:issue", (visit) => issueView(site, store, visit)),
    page("/releases/:version", (visit) => releaseView(site, store, visit)),
  ];
}

function issueView(site: SentrySite, store: SentryStore, visit: Visit): Answer {
  const issue = store.issues().find((one) => String(one.id) === visit.params["issue"]);
  if (issue === undefined) return layout(site, "No such issue", "", 404);
  const events = store.eventsOfIssue(issue);
  const facts = {
    Status: `${issue.status}${issue.substatus === null ? "" : ` (${issue.substatus})`}`,
    Where: issue.culprit,
    "First release": issue.firstRelease?.slice(0, 12) ?? "none",
    "First seen": issue.firstSeen.toISOString(),
    "Last seen": issue.lastSeen.toISOString(),
    Events: String(events.length),
    Users: String(usersOf(events)),
    Environments: [...new Set(events.map((event) => event.environment))].join(", "),
    Servers: [...new Set(events.map((event) => event.serverName ?? "?"))].join(", "),
  };
  const rows = Object.entries(facts).map(([name, value]) => `<tr><th>${name}</th><td>${escapeHtml(value)}</td></tr>`);
  return layout(site, `${issue.type}: ${issue.value}`, `<p>${issue.shortId}</p><table>${rows.join("")}</table>${bars(store, issue)}`);
}

function releaseView(site: SentrySite, store: SentryStore, visit: Visit): Answer {
  const version = visit.params["version"] ?? "";
  const fresh = store.issues().filter((issue) => issue.firstRelease === version);
  const count = store.events().filter((event) => event.release === version).length;
  const deploys = store.releases.get(version)?.deploys ?? [];
  const places = deploys.map((one) => `<li>${escapeHtml(one.environment)}, ${one.finished.toISOString()}</li>`).join("");
  return layout(
    site,
    `Release ${version.slice(0, 12)}`,
    `<p>${count} events, ${fresh.length} new issues</p><ul>${places}</ul>${list(site, store, fresh)}`,
  );
}

function list(site: SentrySite, store: SentryStore, issues: readonly Issue[]): string {
  const items = issues.map((issue) => {
    const title = escapeHtml(`${issue.type}: ${issue.value}`);
    return `<li><a href="${issuePage(site, issue)}">${title}</a> <small>${issue.shortId}, ${store.eventsOfIssue(issue).length} events</small></li>`;
  });
  return `<ul>${items.join("")}</ul>`;
}

/** Events per minute of the last half hour, as bars. */
function bars(store: SentryStore, issue: Issue): string {
  const last = Math.floor(store.now().getTime() / MINUTE_MS);
  const byMinute = Map.groupBy(store.eventsOfIssue(issue), (event) => Math.floor(event.at.getTime() / MINUTE_MS));
  const counts = Array.from({ length: SHOWN_MINUTES }, (_, index) => byMinute.get(last - SHOWN_MINUTES + 1 + index)?.length ?? 0);
  const highest = Math.max(1, ...counts);
  const shown = counts.map((count) => `<i style="height:${Math.round((count / highest) * 80) + 1}px" title="${count}"></i>`);
  return `<h2>The last ${SHOWN_MINUTES} minutes</h2><div class="bars">${shown.join("")}</div>`;
}

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;max-width:55rem;margin:2rem auto;padding:0 1rem;color:#2b2233}a{color:#6559c5;text-decoration:none}nav{border-bottom:1px solid #e0dce5;padding-bottom:.5rem}
th{text-align:left;padding-right:2rem;color:#71637e}small{color:#71637e}.bars{display:flex;align-items:flex-end;gap:3px;height:84px}.bars i{flex:1;background:#6c5fc7}`;

function layout(site: SentrySite, title: string, body: string, status = 200): Answer {
  const head = `<meta charset="utf-8"><title>${escapeHtml(title)} · ${site.project.slug}</title><style>${STYLE}</style>`;
  const nav = `<nav><a href="/organizations/${site.org}/issues/"><b>${site.org}</b> / ${site.project.slug}</a></nav>`;
  return html(`<!doctype html><html lang="en">${head}${nav}<h1>${escapeHtml(title)}</h1>${body}</html>`, status);
}
