import type { DeploymentId } from "../../src/domain/ids.ts";
import { AUTOMATIC, environmentOf, healthy, live, modelOf, type Model } from "./model.ts";

const LOOKS = {
  site: 'http: { url: "https://shop.acme.test/health" }',
  sentry: "sentry: { project: shop, environment: production, organization: acme }",
} as const;

/** The line of an environment that is watched for half an hour, by its site's answers or by Sentry. */
export function watchedBy(who: keyof typeof LOOKS, ...more: readonly string[]): string {
  return `watch: { ${["for: 30m", LOOKS[who], ...more].join(", ")} }`;
}

/** A shop that deploys by itself: #1 was found healthy, and #2 went live after it and is watched. */
export function watchedShop(lines: readonly string[], secondAt: Date | null = null): { readonly model: Model; readonly id: DeploymentId } {
  const model = modelOf(environmentOf([AUTOMATIC, ...lines]));
  healthy(model, 1);
  if (secondAt !== null) model.now = secondAt;
  return { model, id: live(model, 2) };
}
