import { RequestError } from "octokit";
import type { z } from "zod";
import { ok, refuse } from "../domain/result.ts";
import type { Result } from "../domain/result.ts";
import type { GitHubLog, Octokits } from "./octokit.ts";
import { whyGaveUp } from "./wire.ts";

/** Why GitHub gave no answer we can use. `missing` may also mean: not allowed to see it. */
export type Failure = {
  readonly kind: "unauthorized" | "forbidden" | "missing" | "rate_limited" | "conflict" | "away" | "nonsense";
  readonly because: string;
};

export type Question<Schema extends z.ZodType> = {
  /** Empty where the App asks for itself. */
  readonly repository: string;
  /** Signed in as the App instead of for the repository. */
  readonly as?: "app";
  /** Told of an answer's headers, such as the way to the next page. */
  readonly onHeaders?: (headers: Readonly<Record<string, unknown>>) => void;
  /** As the documentation writes it: `GET /repos/{owner}/{repo}/branches/{branch}`. */
  readonly route: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly schema: Schema;
};

export type Ask = {
  <Schema extends z.ZodType>(question: Question<Schema>): Promise<Result<z.infer<Schema>, Failure>>;
  /** Requests left in this hour, as the last answer said. */
  left(): number;
  /** Was the last question answered, if only with a no? */
  answers(): boolean;
  /** Is the account an App? */
  readonly isApp: boolean;
};

/** So it is with every question to that account. */
const NO_ANSWER: ReadonlySet<Failure["kind"]> = new Set(["away", "unauthorized", "rate_limited"]);

/** Answers are `ok` or a failure in words, never an exception; each kind of failure is logged once until that route works again. */
export function createAsk(octokits: Octokits, log: GitHubLog): Ask {
  const told = new Set<string>();
  let left = Infinity;
  let answers = true;
  async function ask<Schema extends z.ZodType>(question: Question<Schema>): Promise<Result<z.infer<Schema>, Failure>> {
    const answer = await request(octokits, question, (headers) => {
      question.onHeaders?.(headers);
      left = Number(headers["x-ratelimit-remaining"] ?? Infinity);
    });
    answers = answer.ok || !NO_ANSWER.has(answer.refusal.kind);
    const topic = `${question.repository} ${question.route}`;
    if (answer.ok) {
      told.delete(topic);
    } else if (answer.refusal.kind !== "missing" && !told.has(topic)) {
      told.add(topic);
      log.warn({ repository: question.repository, route: question.route, kind: answer.refusal.kind }, answer.refusal.because);
    }
    return answer;
  }
  return Object.assign(ask, { left: () => left, answers: () => answers, isApp: octokits.asApp !== null });
}

async function request<Schema extends z.ZodType>(
  octokits: Octokits,
  question: Question<Schema>,
  onHeaders: (headers: Readonly<Record<string, unknown>>) => void,
): Promise<Result<z.infer<Schema>, Failure>> {
  const asApp = question.as === "app";
  const [owner = "", repo = "", ...rest] = question.repository.split("/");
  if (!asApp && (![owner, repo].every((part) => /^(?!\.\.?$)[A-Za-z0-9._-]+$/.test(part)) || rest.length > 0)) {
    return refuse({ kind: "missing", because: "a GitHub repository is written OWNER/NAME" });
  }
  try {
    const octokit = asApp ? octokits.asApp : await octokits.of(owner, repo);
    if (octokit === null) return refuse({ kind: "forbidden", because: "only a GitHub App may ask this" });
    const headers = { "x-github-api-version": "2022-11-28" };
    const response = await octokit.request(question.route, {
      ...(asApp ? {} : { owner, repo }),
      headers,
      request: patience(question),
      ...question.parameters,
    });
    onHeaders(response.headers);
    const parsed = question.schema.safeParse(response.data);
    return parsed.success ? ok(parsed.data) : refuse(nonsense(parsed.error.issues[0]?.path.join(".") ?? ""));
  } catch (fault) {
    if (isShutOut(fault)) octokits.forget(owner);
    return refuse(failureOf(fault));
  }
}

/** A token that is not taken any more, or none to be had: so it is when an App was installed anew, or suspended for a while. */
function isShutOut(fault: unknown): boolean {
  return fault instanceof RequestError && (fault.status === 401 || fault.request.url.endsWith("/access_tokens"));
}

/**
 * A write is never repeated by itself: there is no idempotency key, and the first one may have worked. The count is given each
 * time because the retry plugin keeps it on an object that all requests share: the second failure ever would wait 9 s.
 */
function patience(question: { readonly route: string }): { readonly retries: number; readonly retryCount: number } {
  return { retries: question.route.startsWith("GET ") ? 1 : 0, retryCount: 0 };
}

function nonsense(where: string): Failure {
  const what = where === "" ? "something that is not GitHub's API" : `another form than its API has (${where})`;
  return { kind: "nonsense", because: `GitHub answered with ${what}: is GITHUB_API_URL right?` };
}

/** Only codes are read. An error's message may hold a whole page of HTML. */
function failureOf(fault: unknown): Failure {
  const gaveUp = whyGaveUp(fault);
  if (gaveUp !== null) return { kind: "away", because: gaveUp };
  if (!(fault instanceof RequestError)) {
    return { kind: "unauthorized", because: "Greenlight cannot sign in at GitHub: check GITHUB_APP_ID and GITHUB_PRIVATE_KEY" };
  }
  const headers = fault.response?.headers;
  if (headers === undefined) return { kind: "away", because: `GitHub cannot be reached${codeOf(fault.cause)}` };
  const limited = headers["x-ratelimit-remaining"] === "0" || headers["retry-after"] !== undefined;
  if (fault.status === 429 || (fault.status === 403 && limited)) {
    return { kind: "rate_limited", because: "GitHub's request limit is used up; it answers again later" };
  }
  switch (fault.status) {
    case 401:
      return { kind: "unauthorized", because: "GitHub does not accept our token (401): it is wrong, expired or revoked" };
    case 403:
      return { kind: "forbidden", because: "GitHub forbids this to our token (403): give it the missing permission" };
    case 404:
    case 410:
    case 422:
      return { kind: "missing", because: `GitHub knows no such thing, or our token may not see it (${fault.status})` };
    case 409:
      return { kind: "conflict", because: "GitHub refuses this in the present state (409)" };
    default:
      return { kind: "away", because: `GitHub answered ${fault.status}` };
  }
}

/** `ECONNREFUSED` and the like; fetch hides it two causes deep. */
function codeOf(cause: unknown): string {
  for (let at = cause; at instanceof Error; at = at.cause) {
    if ("code" in at && typeof at.code === "string") return ` (${at.code})`;
  }
  return "";
}
