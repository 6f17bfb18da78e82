import type { Answer, Visit } from "../loopback.ts";
import { json } from "../loopback.ts";

/** GitHub's page size and cap. */
const PAGE_SIZE = 30;
const PAGE_MAX = 100;

export const notFound = (): Answer => json(404, { message: "Not Found", documentation_url: "https://docs.github.com/rest", status: "404" });

export function unprocessable(message: string, field?: string): Answer {
  const errors = field === undefined ? [] : [{ resource: "Repository", field, code: "invalid" }];
  return json(422, { message, errors, documentation_url: "https://docs.github.com/rest", status: "422" });
}

/** One page of a list, with GitHub's Link header; `wrap` makes the body from the page and the total. */
export function paged<T>(visit: Visit, items: readonly T[], wrap: (page: readonly T[], total: number) => unknown): Answer {
  const size = Math.min(PAGE_MAX, positive(visit.query.get("per_page")) ?? PAGE_SIZE);
  const page = positive(visit.query.get("page")) ?? 1;
  const last = Math.max(1, Math.ceil(items.length / size));
  const body = wrap(items.slice((page - 1) * size, page * size), items.length);
  return json(200, body, page < last ? { link: `${pageLink(visit, page + 1, "next")}, ${pageLink(visit, last, "last")}` } : {});
}

function pageLink(visit: Visit, page: number, relation: string): string {
  const query = new URLSearchParams(visit.query);
  query.set("page", String(page));
  return `<http://${visit.headers.host ?? "127.0.0.1"}${visit.path}?${query.toString()}>; rel="${relation}"`;
}

function positive(text: string | null): number | null {
  const number = Number(text);
  return Number.isInteger(number) && number > 0 ? number : null;
}
