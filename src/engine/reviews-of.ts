import { openReviews } from "../db/reviews.ts";
import type { ReviewsAnswer } from "../domain/answers.ts";
import { shortSha } from "../domain/ids.ts";
import { findApp } from "../domain/config.ts";
import type { Engine } from "./engine.ts";

/** As many as an answer shows of one app. */
const MOST = 15;

/** What CI made for merge requests of these apps and has not thrown away yet; an app without any is left out. */
export async function reviewsOf(engine: Engine, asked: string | null, apps: readonly string[]): Promise<ReviewsAnswer> {
  const told = await Promise.all(apps.map(async (app) => ({ app, found: await openReviews(engine.db, app, MOST) })));
  return {
    kind: "reviews",
    app: asked,
    apps: told
      .filter(({ found }) => found.total > 0)
      .map(({ app, found }) => ({
        app,
        open: found.shown.map(({ name, revision, url, by, since }) => ({
          name,
          revision: shortSha(revision),
          url,
          page: pageOf(engine, app, name),
          author: by === null ? null : by.name,
          since,
        })),
        more: found.total - found.shown.length,
      })),
    now: engine.clock(),
  };
}

/** GitHub shows what was deployed there, and has nothing to stop it with. */
function pageOf(engine: Engine, named: string, name: string): { readonly url: string; readonly stops: boolean } | null {
  const repository = findApp(engine.config, named)?.repository;
  const url = repository === undefined ? null : engine.codeHost(repository).environmentPage(repository.path, name);
  return url === null ? null : { url, stops: repository?.kind === "gitlab" };
}
