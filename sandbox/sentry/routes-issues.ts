import type { Answer, JsonObject, Route, Visit } from "../loopback.ts";
import { asObject, asText, bodyObject, json } from "../loopback.ts";
import type { SentrySite } from "./payloads.ts";
import { expandedIssuePayload, issueDetailPayload, issuePayload, usersOf } from "./payloads.ts";
import { cursored, isInScope, orBadRequest, scopeOf } from "./scope.ts";
import { eventFits, issueFits, parseSearch } from "./search.ts";
import type { Issue, SentryStore, StoredEvent } from "./store.ts";

/** `events`: those in the asked time and environments; `fitting`: of those, what the search itself is about. */
type Found = { readonly issue: Issue; readonly events: readonly StoredEvent[]; readonly fitting: readonly StoredEvent[] };

/** The list of issues, one issue, and resolving. */
export function issueRoutes(site: SentrySite, store: SentryStore): Route[] {
  const route = (method: string, path: string, answer: Route["answer"]): Route => ({
    method,
    path: `/api/0/organizations/${site.org}${path}`,
    answer,
  });
  return [
    route("GET", "/issues", (visit) => list(site, store, visit)),
    route("PUT", "/issues", (visit) => update(store, visit, visit.query.getAll("id"))),
    {
      method: "GET",
      path: `/api/0/projects/${site.org}/${site.project.slug}/events/:event/committers`,
      answer: (visit) => committers(store, visit),
    },
    route("GET", "/issues/:issue", (visit) => detail(site, store, visit)),
    route("PUT", "/issues/:issue", (visit) => {
      const answer = update(store, visit, [visit.params["issue"] ?? ""]);
      return answer.status === 200 ? detail(site, store, visit) : answer;
    }),
  ];
}

function list(site: SentrySite, store: SentryStore, visit: Visit): Answer {
  const payload = visit.query.has("expand") ? expandedIssuePayload : issuePayload;
  return orBadRequest(() => cursored(visit, search(site, store, visit), (found) => payload(site, found.issue, found, store.now())));
}

function search(site: SentrySite, store: SentryStore, visit: Visit): Found[] {
  const scope = scopeOf(visit, site.project, store.now());
  // No query at all means the unresolved ones; an empty one means all.
  const terms = parseSearch(visit.query.get("query") ?? "is:unresolved");
  const found = store.issues().map((issue) => {
    const events = store.eventsOfIssue(issue).filter((event) => isInScope(event, scope));
    return { issue, events, fitting: events.filter((event) => eventFits(event, terms)) };
  });
  return sorted(
    found.filter(({ issue, events }) => issueFits(issue, events, terms, store.now())),
    visit.query.get("sort") ?? "date",
  );
}

function sorted(found: readonly Found[], sort: string): Found[] {
  const rank = ({ issue, events }: Found): number => {
    if (sort === "new") return issue.firstSeen.getTime();
    if (sort === "freq") return events.length;
    return sort === "user" ? usersOf(events) : issue.lastSeen.getTime();
  };
  return found.toSorted((one, other) => rank(other) - rank(one));
}

function detail(site: SentrySite, store: SentryStore, visit: Visit): Answer {
  const issue = store.issues().find((one) => String(one.id) === visit.params["issue"] || one.shortId === visit.params["issue"]);
  return issue === undefined ? missing() : json(200, issueDetailPayload(site, store, issue, store.eventsOfIssue(issue)));
}

/** Not published; as Sentry answers its own pages: 404 unless a commit is suspected. */
function committers(store: SentryStore, visit: Visit): Answer {
  const event = store.events().find(({ eventId }) => eventId === visit.params["event"]);
  const suspected = event === undefined ? undefined : store.suspects.get(event.issueId);
  if (suspected === undefined) return json(404, { detail: "No committers found" });
  const author = { name: suspected.author, email: "someone@acme.test" };
  const commit = { id: suspected.commit, message: "", dateCreated: store.now().toISOString(), pullRequest: null };
  return json(200, { committers: [{ author, commits: [commit] }] });
}

/** `status` resolved (now or in a release), unresolved or ignored, for the issues of the given ids. */
function update(store: SentryStore, visit: Visit, ids: readonly string[]): Answer {
  const body = bodyObject(visit);
  const status = asText(body?.["status"]);
  const chosen = store.issues().filter((issue) => ids.includes(String(issue.id)));
  if (chosen.length === 0) return missing();
  if (status === null) return json(400, { status: ["This field is required."] });
  for (const issue of chosen) {
    if (status.startsWith("resolved")) store.resolve(issue, releaseOf(store, body ?? {}));
    else if (status === "unresolved") Object.assign(issue, { status, substatus: "ongoing", resolvedIn: null });
    else if (status === "ignored") Object.assign(issue, { status, substatus: null });
    else return json(400, { status: [`"${status}" is not a valid choice.`] });
  }
  return json(200, { status: chosen[0]?.status, statusDetails: {} });
}

function releaseOf(store: SentryStore, body: JsonObject): string | null {
  const named = asText(asObject(body["statusDetails"])?.["inRelease"]);
  return named === "latest" ? ([...store.releases.keys()].at(-1) ?? null) : named;
}

const missing = () => json(404, { detail: "The requested resource does not exist" });
