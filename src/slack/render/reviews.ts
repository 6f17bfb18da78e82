import type { ReviewsAnswer } from "../../domain/answers.ts";
import { foreign, inCode, link } from "../escape.ts";
import { LIMITS } from "../limits.ts";
import { duration } from "../words.ts";
import type { Rendered } from "./drawing.ts";
import { lines } from "./lines.ts";

/** Apps that one answer shows. */
const MOST = 12;

export function renderReviews({ app, apps, now }: ReviewsAnswer): Rendered {
  if (apps.length === 0) return lines([`No review environment${app === null ? "" : ` of ${foreign(app, LIMITS.name)}`} is open.`]);
  const shown = apps.slice(0, MOST);
  return lines([
    ...shown.flatMap((one) => [
      `*Review environments of ${foreign(one.app, LIMITS.name)}*`,
      ...one.open.map(
        ({ name, revision, url, page, author, since }) =>
          `• ${link(url, foreign(name, LIMITS.name))} with ${inCode(revision, LIMITS.name)}, ${duration(now.getTime() - since.getTime())} old${author === null ? "" : `, of ${foreign(author, LIMITS.name)}`}${page === null ? "" : ` · ${link(page.url, page.stops ? "Stop it" : "Its deployments")}`}`,
      ),
      ...(one.more > 0 ? [`and ${one.more} more`] : []),
    ]),
    ...(apps.length > shown.length ? [`and ${apps.length - shown.length} more apps: name one of them`] : []),
  ]);
}
