import type { z } from "zod";

/** Where in Sentry a deployment's events are. */
export type SentryScope = { readonly organization: string; readonly project: string; readonly environment: string };

export type SentryWindow = { readonly from: Date; readonly to: Date };

/** Project, environment and window as query parameters; the window is moved into Sentry's own time. */
export function scopeQuery(scope: SentryScope, window: SentryWindow, skewMs: number): Readonly<Record<string, string>> {
  return {
    project: scope.project,
    environment: scope.environment,
    start: new Date(window.from.getTime() + skewMs).toISOString(),
    end: new Date(window.to.getTime() + skewMs).toISOString(),
  };
}

/** A value for Sentry's search language. */
export function quoted(value: string): string {
  return `"${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

/** The body if it has the shape, else null. */
export function parsed<Output>(shape: z.ZodType<Output>, body: unknown): Output | null {
  const result = shape.safeParse(body);
  return result.success ? result.data : null;
}
