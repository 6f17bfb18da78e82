import { z } from "zod";
import type { Check, Run } from "../domain/pipeline.ts";
import { ok, type Result } from "../domain/result.ts";
import type { Ask, Failure } from "./ask.ts";
import { checkOf, checkRun, commitStatus, isJobOfActions, isOurStatus, statusCheckOf } from "./checks.ts";

const PAGE = 100;

/** GitHub keeps a thousand statuses of a commit; what cannot be read whole is not read at all. */
const MOST_PAGES = 10;

const checkPage = z.object({ total_count: z.int(), check_runs: z.array(checkRun) });
const statusPage = z.array(commitStatus);

/**
 * The checks of apps and the commit statuses of the run's revision, as the API has them, in the order in which they were first
 * seen. Where our token may not see them there are none, so that nothing is proven by them; null: no answer.
 */
export async function rereadChecks(ask: Ask, repository: string, run: Run): Promise<readonly Check[] | null> {
  const [apps, statuses] = await Promise.all([appChecks(ask, repository, run), statusChecks(ask, repository, run)]);
  const told: Check[] = [];
  for (const answer of [apps, statuses]) {
    if (answer === null) return null;
    if (answer.ok) told.push(...answer.value);
    else if (answer.refusal.kind !== "forbidden" && answer.refusal.kind !== "missing") return null;
  }
  const place = new Map(run.checks.map((check, at) => [keyOf(check), at]));
  return told.toSorted((one, other) => (place.get(keyOf(one)) ?? Infinity) - (place.get(keyOf(other)) ?? Infinity) || 0);
}

type Answer = Result<readonly Check[], Failure> | null;

/** `latest`: of each name and app the newest. Two suites of one app may still have a check of one name each: the higher id counts. */
async function appChecks(ask: Ask, repository: string, run: Run): Promise<Answer> {
  const found = new Map<string, Check>();
  for (let page = 1; ; page += 1) {
    const route = "GET /repos/{owner}/{repo}/commits/{ref}/check-runs";
    const parameters = { ref: run.revision, filter: "latest", per_page: PAGE, page };
    const answer = await ask({ repository, route, parameters, schema: checkPage });
    if (!answer.ok) return answer;
    for (const one of answer.value.check_runs) {
      const check = one.head_sha !== run.revision || isJobOfActions(one) ? null : checkOf(one);
      if (check === null) continue;
      const known = found.get(keyOf(check));
      if (known === undefined || BigInt(known.check) < BigInt(check.check)) found.set(keyOf(check), check);
    }
    if (page * PAGE >= answer.value.total_count) return ok([...found.values()]);
    if (page === MOST_PAGES) return null;
  }
}

/** All that were ever set, newest first: the summary of GitHub's does not say who set them. */
async function statusChecks(ask: Ask, repository: string, run: Run): Promise<Answer> {
  const found = new Map<string, Check>();
  for (let page = 1; ; page += 1) {
    const route = "GET /repos/{owner}/{repo}/commits/{ref}/statuses";
    const answer = await ask({ repository, route, parameters: { ref: run.revision, per_page: PAGE, page }, schema: statusPage });
    if (!answer.ok) return answer;
    for (const one of answer.value) {
      const check = statusCheckOf(one);
      if (!isOurStatus(one.context) && !found.has(keyOf(check))) found.set(keyOf(check), check);
    }
    if (answer.value.length < PAGE) return ok([...found.values()]);
    if (page === MOST_PAGES) return null;
  }
}

function keyOf({ source, check, name }: Check): string {
  return source.kind === "status" ? `status ${check}` : `app ${source.slug} ${name}`;
}
