import type { z } from "zod";
import { ok, refuse } from "../domain/result.ts";
import type { Result } from "../domain/result.ts";
import { createWire, isFailure, type Answered, type Failure, type Wire, type WireOptions } from "./wire.ts";

/** What the client says; a pino logger fits. */
export type GitLabLog = { warn(fields: Readonly<Record<string, unknown>>, line: string): void };

export type Question<Schema extends z.ZodType> = {
  readonly repository: string;
  readonly method?: "GET" | "POST" | "PUT";
  /** Segments below `/projects/:id/`, each encoded; none is the project itself. */
  readonly path: readonly string[];
  readonly query?: Readonly<Record<string, string | number | boolean>>;
  readonly body?: Readonly<Record<string, unknown>>;
  readonly schema: Schema;
};

export type Ask = {
  <Schema extends z.ZodType>(question: Question<Schema>): Promise<Result<z.infer<Schema>, Failure>>;
  /** All pages of a list, one after the other; more than `pages` of them is `nonsense`, since half a list proves nothing. */
  all<Schema extends z.ZodType>(question: Question<Schema>, pages: number): Promise<Result<z.infer<Schema>[], Failure>>;
  /** Requests left in this minute, as the last answer said. */
  left(): number;
  /** Was the last question answered, if only with a no? */
  answers(): boolean;
};

/** GitLab gives no more on a page (docs.gitlab.com, REST API, pagination). */
const PAGE = 100;

/** So it is with every question to that account. */
const NO_ANSWER: ReadonlySet<Failure["kind"]> = new Set(["away", "unauthorized", "rate_limited"]);

/** Answers are `ok` or a failure in words, never an exception; each kind of failure is logged once until that place works again. */
export function createAsk(options: WireOptions & { readonly log: GitLabLog }): Ask {
  const wire = createWire(options);
  const told = new Set<string>();
  let answers = true;
  function noted<Value>(question: Question<z.ZodType>, answer: Result<Value, Failure>): Result<Value, Failure> {
    answers = answer.ok || !NO_ANSWER.has(answer.refusal.kind);
    const { repository, path, method = "GET" } = question;
    // Ids in it would make each request a place of its own.
    const route = `${method} ${path.map((segment) => (/\d/.test(segment) ? ":id" : segment)).join("/")}`;
    const topic = `${repository} ${route}`;
    if (answer.ok) {
      told.delete(topic);
    } else if (answer.refusal.kind !== "missing" && !told.has(topic)) {
      told.add(topic);
      options.log.warn({ repository, route, kind: answer.refusal.kind }, answer.refusal.because);
    }
    return answer;
  }
  async function ask<Schema extends z.ZodType>(question: Question<Schema>): Promise<Result<z.infer<Schema>, Failure>> {
    const answer = await read(wire, question, question.schema);
    return noted(question, answer.ok ? ok(answer.value.value) : answer);
  }
  async function all<Schema extends z.ZodType>(question: Question<Schema>, pages: number): Promise<Result<z.infer<Schema>[], Failure>> {
    return noted(question, await everyPage(wire, question, pages));
  }
  return Object.assign(ask, { all, left: () => wire.left(), answers: () => answers });
}

async function everyPage<Schema extends z.ZodType>(
  wire: Wire,
  question: Question<Schema>,
  pages: number,
): Promise<Result<z.infer<Schema>[], Failure>> {
  const found: z.infer<Schema>[] = [];
  let page: number | null = 1;
  for (let count = 0; page !== null; count += 1) {
    if (count === pages)
      return refuse({ kind: "nonsense", because: `GitLab has more than ${pages * PAGE} of these, which we do not read` });
    const answer: Result<{ readonly value: z.infer<Schema>[]; readonly next: number | null }, Failure> = await read(
      wire,
      { ...question, query: { ...question.query, per_page: PAGE, page } },
      question.schema.array(),
    );
    if (!answer.ok) return answer;
    found.push(...answer.value.value);
    page = answer.value.next;
  }
  return ok(found);
}

async function read<Schema extends z.ZodType>(
  wire: Wire,
  question: Question<z.ZodType>,
  schema: Schema,
): Promise<Result<{ readonly value: z.infer<Schema>; readonly next: number | null }, Failure>> {
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]*(\/[A-Za-z0-9_][A-Za-z0-9_.-]*)+$/.test(question.repository)) {
    return refuse({ kind: "missing", because: "a GitLab project is written GROUP/PROJECT" });
  }
  const answer: Answered | Failure = await wire.send({
    method: question.method ?? "GET",
    path: ["projects", question.repository, ...question.path],
    query: question.query ?? {},
    body: question.body ?? null,
  });
  if (isFailure(answer)) return refuse(answer);
  const parsed = schema.safeParse(answer.body);
  if (parsed.success) return ok({ value: parsed.data, next: answer.next });
  const where = parsed.error.issues[0]?.path.join(".") ?? "";
  const what = where === "" ? "something that is not its API" : `another form than its API has (${where})`;
  return refuse({ kind: "nonsense", because: `GitLab answered with ${what}: is its address right?` });
}
