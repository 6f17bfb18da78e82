import type { IncomingHttpHeaders } from "node:http";
import { BUILD, BUILD_ALONE, readCi } from "./normalise.ts";
import { authenticateCi, isStandard, keyOf } from "./signature.ts";

/** A pipeline with all its stages has a few kilobytes. */
const MOST_BYTES = 1024 * 1024;

/**
 * The generic side, `/webhooks/ci`: any CI that can run curl and openssl. The sender is the user's own script, so that what is
 * wrong with a body is said at once, by the field's name. `strict`: names of failed tests may hold people's data, and are not stored.
 * @throws when the secret is empty, or is no key that a sender could have: nobody's base64 may be a key that everybody has.
 */
export function ciWebhook(options: { readonly connection: string; readonly secret: string; readonly strict: boolean; now(): Date }) {
  if (options.secret === "") throw new Error(`the webhook secret of the CI connection ${options.connection} is empty: set one`);
  if (keyOf(options.secret).length === 0) {
    throw new Error(`the webhook secret of the CI connection ${options.connection} begins with whsec_, and no base64 follows`);
  }
  return {
    kind: "ci",
    connection: options.connection,
    contentTypes: ["application/json"],
    storedHeaders: ["content-type", "user-agent", "webhook-id", "webhook-timestamp"],
    authenticate: (headers: IncomingHttpHeaders) => authenticateCi(options.secret, headers, options.now()),
    /** Signed as GitHub does, no id is: then the body itself is what was seen before. */
    deliveryId: (headers: IncomingHttpHeaders, bodyDigest: string): string =>
      isStandard(headers) ? String(headers["webhook-id"]) : bodyDigest,
    event: (headers: IncomingHttpHeaders): string => (isStandard(headers) ? BUILD : BUILD_ALONE),
    ignore: (): null => null,
    stored: (body: Buffer): Buffer => (options.strict ? withoutNames(body) : body),
    fault(body: Buffer): { readonly field: string; readonly says: string } | null {
      if (body.length > MOST_BYTES) return { field: "the body", says: "the body must have at most 1 MiB: send fewer stages or failures" };
      const read = readCi(body);
      return read.ok ? null : read.fault;
    },
  };
}

/** Its form was judged before. */
function withoutNames(body: Buffer): Buffer {
  const read = readCi(body);
  if (!read.ok || read.body.tests === null || read.body.tests === undefined) return body;
  const { tests, ...rest } = read.body;
  return Buffer.from(JSON.stringify({ ...rest, tests: { ...tests, failures: [] } }));
}
