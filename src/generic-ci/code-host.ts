import { SILENT_HOST } from "../domain/silent-host.ts";
import type { RepositoryHost } from "../ports.ts";

/** A `ci:` repository has no API: nothing is known of its code but what the messages say. */
export function withoutCodeHost(): RepositoryHost {
  return SILENT_HOST;
}
