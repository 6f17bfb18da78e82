import type { Context } from "../context.ts";
import type { Json } from "../json.ts";
import type { Tier } from "../rate.ts";
import type { Answer } from "./answer.ts";

/** One Web API method as a row of a table. Tiers and scopes: docs.slack.dev/reference/methods. */
export type Method = {
  readonly tier: Tier;
  /** Any one of these is enough; empty needs none. */
  readonly scopes: readonly string[];
  /** "none" answers without a token. Default "bot". */
  readonly token?: "bot" | "app" | "any" | "none";
  readonly required?: readonly string[];
  /** What else it takes. Slack passes over arguments that it does not know; the simulator counts them, since they do nothing. */
  readonly optional?: readonly string[];
  run(context: Context, args: Json): Answer;
};

export type Methods = Readonly<Record<string, Method>>;
