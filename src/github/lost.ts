import { z } from "zod";
import type { LostDelivery } from "../domain/lost-delivery.ts";
import type { LostDeliveries } from "../ports.ts";
import type { Ask } from "./ask.ts";
import * as field from "./fields.ts";

const PAGE = 100;

/** As many failed deliveries as are looked through for one hook; older ones were superseded by what CI is asked itself. */
const MOST_PAGES = 20;

const hook = z.object({ id: field.id, active: z.boolean().default(true), config: z.object({ url: z.string().optional() }) });
const delivery = z.object({ id: field.id, guid: z.string(), delivered_at: field.moment, status_code: z.int() });
const taken = z.unknown();

/**
 * What GitHub could not hand over: it never tries again by itself (docs.github.com, "Handling failed webhook deliveries"). An App asks for
 * its own hook, with its JWT; with a token each repository's hooks that lead to us are asked.
 */
export async function failedDeliveries(
  ask: Ask,
  input: Parameters<LostDeliveries["failed"]>[0] & { readonly connection: string },
): Promise<readonly LostDelivery[] | null> {
  if (ask.isApp) return ofHook(ask, { repository: "", hook: null, since: input.since });
  const found: LostDelivery[] = [];
  let answered = input.repositories.length === 0;
  for (const repository of input.repositories) {
    const hooks = await hooksToUs(ask, repository, input);
    if (hooks === null) continue;
    answered = true;
    for (const one of hooks) found.push(...((await ofHook(ask, { repository, hook: one, since: input.since })) ?? []));
  }
  return answered ? found.toSorted((one, other) => one.at.getTime() - other.at.getTime()) : null;
}

/** Hooks that have reached us before; where none has, those whose address ends as ours does. Another tool's failures are its own. */
async function hooksToUs(
  ask: Ask,
  repository: string,
  input: { readonly hooks: readonly string[]; readonly connection: string },
): Promise<readonly string[] | null> {
  const answer = await ask({
    repository,
    route: "GET /repos/{owner}/{repo}/hooks",
    parameters: { per_page: PAGE },
    schema: z.array(hook),
  });
  if (!answer.ok) return null;
  const active = answer.value.filter((one) => one.active);
  const known = active.filter((one) => input.hooks.includes(one.id));
  return (known.length > 0 ? known : active.filter((one) => leadsToUs(one.config.url ?? "", input.connection))).map((one) => one.id);
}

function leadsToUs(address: string, connection: string): boolean {
  if (!URL.canParse(address)) return false;
  const path = new URL(address).pathname.replace(/\/$/, "");
  return path.endsWith(`/webhooks/github/${connection}`) || (connection === "default" && path.endsWith("/webhooks/github"));
}

/** Newest first there, page by page with a cursor, until they are older than wanted. Of one delivery the newest try counts. */
async function ofHook(
  ask: Ask,
  input: { readonly repository: string; readonly hook: string | null; readonly since: Date },
): Promise<readonly LostDelivery[] | null> {
  const { repository, hook: of, since } = input;
  const newest = new Map<string, LostDelivery>();
  // An older Enterprise Server answers with those that succeeded, too.
  const succeeded = new Set<string>();
  let cursor: string | null = null;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    let next: string | null = null;
    const answer = await ask({
      repository,
      route: of === null ? "GET /app/hook/deliveries" : "GET /repos/{owner}/{repo}/hooks/{hook_id}/deliveries",
      parameters: { ...(of === null ? {} : { hook_id: of }), per_page: PAGE, status: "failure", ...(cursor === null ? {} : { cursor }) },
      schema: z.array(delivery),
      ...(of === null ? { as: "app" as const } : {}),
      onHeaders: (headers) => {
        next = cursorOf(headers["link"]);
      },
    });
    if (!answer.ok) return page === 0 ? null : inOrder(newest);
    for (const { id, guid, delivered_at: at, status_code: status } of answer.value) {
      if (at < since) return inOrder(newest);
      if (isTaken(status)) succeeded.add(guid);
      if (succeeded.has(guid)) continue;
      const known = newest.get(guid) ?? { repository, hook: of, attempt: id, delivery: guid, at, tries: 0 };
      newest.set(guid, { ...known, tries: known.tries + 1 });
    }
    if (next === null) return inOrder(newest);
    cursor = next;
  }
  return inOrder(newest);
}

/** Redirects are no answer that a hook follows, yet GitHub counts them as handed over. */
function isTaken(status: number): boolean {
  return status >= 200 && status < 400;
}

function inOrder(found: ReadonlyMap<string, LostDelivery>): readonly LostDelivery[] {
  return [...found.values()].toReversed();
}

/** Only the cursor is read: the address in the header is not followed. */
function cursorOf(link: unknown): string | null {
  const next = typeof link === "string" ? /<([^>]+)>;\s*rel="next"/.exec(link)?.[1] : undefined;
  return next === undefined || !URL.canParse(next) ? null : new URL(next).searchParams.get("cursor");
}

/** `true`: GitHub will try once more, with the same id. */
export async function deliverAgain(ask: Ask, lost: LostDelivery): Promise<boolean> {
  const { repository, hook: of, attempt } = lost;
  const answer = await ask({
    repository,
    route:
      of === null
        ? "POST /app/hook/deliveries/{delivery_id}/attempts"
        : "POST /repos/{owner}/{repo}/hooks/{hook_id}/deliveries/{delivery_id}/attempts",
    parameters: { delivery_id: attempt, ...(of === null ? {} : { hook_id: of }) },
    schema: taken,
    ...(of === null ? { as: "app" as const } : {}),
  });
  return answer.ok;
}
