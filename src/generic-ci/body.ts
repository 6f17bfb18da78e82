import { z } from "zod";
import * as field from "./fields.ts";

/** What a CI sends to `/webhooks/ci`, version 1. Its JSON schema is published as docs/ci-webhook.schema.json. */

const STATUSES = ["queued", "running", "success", "failed", "canceled", "skipped"] as const;
const status = z.enum(STATUSES, { error: `must be ${anyOf(STATUSES)}` });

const EVENTS = ["push", "pull_request", "tag", "schedule", "manual"] as const;

/** Enough for any pipeline that people watch. */
const MOST_STAGES = 200;
const MOST_FAILURES = 200;
const MOST_ARTIFACTS = 50;

const AUTHOR = "must be a name, or `{ name, email }`";

const stage = object(
  {
    id: field.id
      .nullish()
      .meta({ description: "Its name unless given. Run again within the attempt, a stage has a higher number under its old name." }),
    name: field.line.meta({ description: "What `requires:` in greenlight.yml names." }),
    status,
    started_at: field.moment.nullish(),
    finished_at: field.moment.nullish(),
    url: field.page.nullish(),
    allow_failure: boolean().default(false).meta({ description: "Failed, it counts as passed, and is shown as failed." }),
  },
  "must be a stage: `{ name, status }` and what else is known of it",
);

const build = object(
  {
    id: field.id.meta({ description: "The same in every message about one pipeline." }),
    attempt: z
      .int({ error: "must be a whole number, 1 or more" })
      .min(1, { error: "must be a whole number, 1 or more" })
      .max(1_000_000, { error: "must be a whole number, 1 or more" })
      .default(1)
      .meta({ description: "Counts up when the same pipeline is run again; a lower one is dropped." }),
    url: field.page.nullish(),
    branch: field.branch.nullish().meta({ description: "Null: not known, and then it is a candidate for nothing." }),
    sha: field.sha.meta({ description: "The commit that was built." }),
    event: z
      .enum(EVENTS, { error: `must be ${anyOf(EVENTS)}` })
      .default("push")
      .meta({ description: "What started it. Only `push` and `manual` show a card in the channel." }),
    status,
    started_at: field.moment.nullish(),
    finished_at: field.moment.nullish(),
  },
  "must be `{ id, sha, status }` and what else is known of the pipeline",
);

const failure = object(
  {
    name: field.line,
    suite: field.line.nullish(),
    message: z.string({ error: "must be a text" }).nullish().meta({ description: "Not kept: open the report to read it." }),
    file: field.line.nullish(),
    line: z.int({ error: "must be a whole number" }).min(0, { error: "must be a whole number" }).nullish(),
    flaky: boolean().default(false).meta({ description: "It passed when it was tried again." }),
  },
  "must be a failed test: `{ name }` and, if known, `suite`, `file` and `line`",
);

const tests = object(
  {
    total: field.count,
    failed: field.count,
    skipped: field.count.default(0),
    flaky: field.count.default(0).meta({ description: "Failed first, passed when tried again; not among the failed." }),
    failures: list(failure, MOST_FAILURES, "failed tests").default([]).meta({ description: "The first five are shown." }),
    url: field.page.nullish(),
  },
  "must be `{ total, failed, skipped }` and, if there are any, `failures`",
);

const artifact = object(
  {
    kind: z.enum(["image", "file"], { error: "must be image or file" }),
    ref: z
      .string({ error: "must be a text" })
      .regex(/^[^\s\p{Cc}\p{Cs}]{1,500}$/u, { error: "must be a name without spaces, as in registry.acme.test/shop:1.4" }),
    digest: z
      .string({ error: "must be sha256: and 64 hex digits" })
      .regex(/^sha256:[0-9a-f]{64}$/, { error: "must be sha256: and 64 hex digits" }),
  },
  "must be `{ kind, ref, digest }`",
);

export const ciBody = object(
  {
    version: z.literal(1, { error: "must be 1" }),
    provider: field.line.meta({ description: "The CI's name, as in `Jenkins`." }),
    project: z
      .string({ error: "must be the name behind `ci:` in greenlight.yml" })
      .regex(/^[A-Za-z0-9_][A-Za-z0-9_.\-/]{0,199}$/, { error: "must be the name behind `ci:` in greenlight.yml" }),
    at: field.moment.nullish().meta({ description: "When this was so; `webhook-timestamp` unless given. The newest word counts." }),
    build,
    stages: list(stage, MOST_STAGES, "stages").default([]).meta({ description: "Any of them: those that were told before stay." }),
    tests: tests.nullish(),
    artifacts: list(artifact, MOST_ARTIFACTS, "artifacts").default([]),
    commit: object(
      {
        message: field.line,
        author: z.union([field.line, object({ name: field.line, email: field.line.nullish() }, AUTHOR)], { error: AUTHOR }),
      },
      "must be `{ message, author }`",
    ).nullish(),
    pull_request: object({ number: field.count, url: field.page.nullish() }, "must be `{ number, url }`").nullish(),
  },
  "must be an object with `version`, `provider`, `project` and `build`",
);

export type CiBody = z.output<typeof ciBody>;

/** The first thing that is wrong with a body, in words that name the field; null: nothing. */
export function fieldFault(error: z.ZodError): { readonly field: string; readonly says: string } {
  const [issue] = error.issues;
  if (issue === undefined) return { field: "body", says: "the body does not fit" };
  const where = nameOf(issue.path);
  if (issue.code === "unrecognized_keys") {
    const unknown = nameOf([...issue.path, String(issue.keys[0]).slice(0, 100)]);
    return { field: unknown, says: `${unknown} is no field of version 1: is it spelt right?` };
  }
  return { field: where, says: `${where} ${issue.message}` };
}

/** The published schema, of what people write. */
export function ciSchemaText(): string {
  const schema = z.toJSONSchema(ciBody, { io: "input" });
  return `${JSON.stringify({ ...schema, title: "Greenlight's CI webhook, version 1" }, null, 2)}\n`;
}

/** `stages[0].status`; of the whole, `the body`. */
function nameOf(path: readonly PropertyKey[]): string {
  const words = path.map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`)).join("");
  return words === "" ? "the body" : words.slice(1);
}

function object<Shape extends z.ZodRawShape>(shape: Shape, write: string) {
  return z.strictObject(shape, { error: (issue) => (issue.code === "unrecognized_keys" ? undefined : write) });
}

function list<Item extends z.ZodType>(item: Item, most: number, what: string) {
  return z.array(item, { error: `must be a list of ${what}` }).max(most, { error: `must have at most ${most} ${what}` });
}

function boolean() {
  return z.boolean({ error: "must be true or false" });
}

function anyOf(words: readonly string[]): string {
  return `${words.slice(0, -1).join(", ")} or ${words.at(-1) ?? ""}`;
}
