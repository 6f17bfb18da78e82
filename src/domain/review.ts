import type { Sha } from "./ids.ts";
import type { Author } from "./people.ts";
import type { DeployedEvent } from "./pipeline.ts";

/** An environment that CI made for a merge request and throws away again. */
export type Review = {
  /** The provider's name of it, such as `review/login-form`. */
  readonly name: string;
  readonly revision: Sha;
  /** Where people look at it; null: nobody said. */
  readonly url: string | null;
  /** The pipeline's or the job's page. */
  readonly log: string | null;
  readonly by: Author | null;
  /** First heard of, and the newest word on it. */
  readonly since: Date;
  readonly toldAt: Date;
  readonly isOpen: boolean;
};

/** Lays one word over what is known: the newest counts, whatever comes first. Null: nothing was known. */
export function review(known: Review | null, event: DeployedEvent): Review {
  const since = known === null || event.at < known.since ? event.at : known.since;
  const isClosing = event.state === "stopped" || event.state === "inactive";
  if (known !== null && (event.at < known.toldAt || (event.at.getTime() === known.toldAt.getTime() && !isClosing)))
    return { ...known, since, url: known.url ?? event.url, log: known.log ?? event.log, by: known.by ?? event.by };
  return {
    name: event.environment,
    revision: event.revision,
    url: event.url ?? known?.url ?? null,
    log: event.log ?? known?.log ?? null,
    by: event.by ?? known?.by ?? null,
    since,
    toldAt: event.at,
    isOpen: event.state !== "stopped" && !(event.state === "inactive" && (known === null || known.revision === event.revision)),
  };
}
