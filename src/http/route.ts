import type { IncomingMessage, ServerResponse } from "node:http";
import { refusal, send } from "./answer.ts";
import { readBody } from "./body.ts";
import type { Budget } from "./budget.ts";
import type { HttpLimits } from "./limits.ts";

/** What the server shares with its routes. */
export type HttpShared = { readonly budget: Budget; readonly limits: HttpLimits };

/** A path's parts are matched one by one; a part that begins with a colon is a parameter, and `kind` and the like reach the route. */
export type Route = {
  readonly method: "GET" | "POST";
  readonly path: string;
  serve(
    request: IncomingMessage,
    response: ServerResponse,
    parameters: Readonly<Record<string, string>>,
    shared: HttpShared,
  ): Promise<void> | void;
};

/**
 * A route whose far side checks the signature itself (Bolt's receiver). Its body is read here, under the same limits as every
 * other, and left on `request.rawBody`, where Bolt looks for a body that was read before it.
 */
export function bufferedRoute(options: {
  readonly path: string;
  /** Without these headers it cannot be genuine: 401 before the body. */
  readonly requires: readonly string[];
  serve(request: IncomingMessage, response: ServerResponse): Promise<void> | void;
}): Route {
  return {
    method: "POST",
    path: options.path,
    async serve(request, response, _parameters, shared) {
      const missing = options.requires.find((header) => request.headers[header] === undefined);
      if (missing !== undefined) return send(request, response, refusal(401, `the header ${missing} is missing`));
      const outcome = await readBody({ request, response, ...shared, onChunk() {} });
      if (outcome.kind === "gone") return;
      if (outcome.kind === "refused") return send(request, response, outcome.answer);
      response.once("close", outcome.release);
      await options.serve(Object.assign(request, { rawBody: outcome.body }), response);
    },
  };
}

export type Match =
  | { readonly kind: "found"; readonly route: Route; readonly parameters: Readonly<Record<string, string>> }
  | { readonly kind: "wrong_method"; readonly allow: readonly string[] }
  | { readonly kind: "unknown" };

/** HEAD is served by the GET routes. */
export function findRoute(routes: readonly Route[], method: string, path: string): Match {
  const here = routes.flatMap((route) => {
    const parameters = match(route.path, path);
    return parameters === null ? [] : [{ route, parameters }];
  });
  if (here.length === 0) return { kind: "unknown" };
  const wanted = method === "HEAD" ? "GET" : method;
  const found = here.find(({ route }) => route.method === wanted);
  if (found !== undefined) return { kind: "found", ...found };
  const allow = here.flatMap(({ route }) => (route.method === "GET" ? ["GET", "HEAD"] : [route.method]));
  return { kind: "wrong_method", allow: [...new Set(allow)] };
}

function match(template: string, path: string): Readonly<Record<string, string>> | null {
  const wanted = template.split("/");
  const given = path.split("/");
  if (wanted.length !== given.length) return null;
  const parameters: Record<string, string> = {};
  for (const [at, part] of wanted.entries()) {
    const text = given[at] ?? "";
    if (!part.startsWith(":")) {
      if (part !== text) return null;
    } else if (/^[A-Za-z0-9._-]{1,100}$/.test(text)) {
      parameters[part.slice(1)] = text;
    } else {
      return null;
    }
  }
  return parameters;
}
