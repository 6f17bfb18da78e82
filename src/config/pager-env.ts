import { named, type Names, SIGNING_TOKEN } from "./named-variable.ts";
import { guardedAddressOf } from "./guarded-env.ts";
import type { Secret } from "./secret.ts";
import type { VariableReader } from "./variables.ts";

/** Where a pager is, and what it knows us by: the key of a PagerDuty service, or the secret that calls are signed with. */
export type PagerEnv = { readonly url: string | Secret } & (
  | { readonly shape: "pagerduty"; readonly routingKey: Secret }
  | { readonly shape: "plain"; readonly secret: Secret }
);

/** Service region US; one in the EU says so by `url`. Source: developer.pagerduty.com, Events API v2. */
const PAGERDUTY = "https://events.pagerduty.com/v2/enqueue";

/** Null: what the file names is not given, or is none; the reader holds the faults. */
export function pagerOf(read: VariableReader, names: Names): PagerEnv | null {
  const url = guardedAddressOf(read, names, "pager") ?? (names.variables["url"] === undefined ? PAGERDUTY : null);
  const routingKey = named(read, names, "routing_key");
  const secret = named(read, names, "secret");
  if (url === null) return null;
  if (routingKey !== null) return { shape: "pagerduty", url, routingKey };
  if (secret === null) return null;
  if (SIGNING_TOKEN.test(secret.reveal())) return { shape: "plain", url, secret };
  read.fault({
    name: names.variables["secret"] ?? "secret of the pager",
    says: "something that signs nothing by Standard Webhooks",
    write: '`whsec_` and random base64, such as `echo "whsec_$(openssl rand -base64 32)"` prints',
  });
  return null;
}
