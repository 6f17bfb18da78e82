import { z } from "zod";
import type { Ask } from "./ask.ts";

/** An artifact's archive; null: GitHub does not give it, or it is too large. */
export type Download = (wanted: {
  readonly repository: string;
  readonly artifact: string;
  readonly bytes: number;
}) => Promise<Buffer | null>;

const TIMEOUT_MS = 30_000;

/** Where GitHub keeps what workflows leave behind (docs.github.com, communicating with self-hosted runners). */
const STORES = /^(?:[a-z0-9-]+\.blob\.core\.windows\.net|(?:[a-z0-9-]+\.)*actions\.githubusercontent\.com)$/;

/**
 * The API answers with the address of a store, good for a minute. It is fetched without our token, by HTTPS from GitHub's own stores,
 * or from the server itself where an Enterprise Server keeps them; nowhere else, and it may not send us on.
 */
export function createDownload(ask: Ask, options: { readonly apiUrl: string | null; readonly fetch: typeof fetch }): Download {
  const own = options.apiUrl === null ? null : new URL(options.apiUrl);
  return async ({ repository, artifact, bytes }) => {
    let location: unknown = null;
    const answer = await ask({
      repository,
      route: "GET /repos/{owner}/{repo}/actions/artifacts/{artifact_id}/{archive_format}",
      parameters: { artifact_id: artifact, archive_format: "zip", request: { redirect: "manual", retries: 1, retryCount: 0 } },
      schema: z.unknown(),
      onHeaders: (headers) => (location = headers["location"]),
    });
    if (!answer.ok || typeof location !== "string" || !URL.canParse(location)) return null;
    const url = new URL(location);
    const isOwn = own !== null && url.protocol === own.protocol && url.host === own.host;
    if (!isOwn && !(url.protocol === "https:" && STORES.test(url.hostname))) return null;
    return fetched(options.fetch, url, bytes);
  };
}

async function fetched(get: typeof fetch, url: URL, most: number): Promise<Buffer | null> {
  try {
    const response = await get(url, { redirect: "manual", signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (response.status !== 200) {
      await response.body?.cancel();
      return null;
    }
    const parts: Uint8Array[] = [];
    let size = 0;
    for await (const part of response.body ?? []) {
      size += part.length;
      if (size > most) return null;
      parts.push(part);
    }
    return Buffer.concat(parts);
  } catch {
    // Away, too slow, or cut short: there is no report then.
    return null;
  }
}
