import { and, eq, sql } from "drizzle-orm";
import { pulledImage, type KnownImage } from "../domain/image.ts";
import { logText } from "../domain/log-text.ts";
import type { EnvironmentId, Sha } from "../domain/ids.ts";
import type { Database } from "./client.ts";
import { images } from "./schema.ts";

/** Deployments of the environment before whose images are read. */
const RECENT = 50;

/** Of a revision, also when it is told again: the first word stays. */
export async function saveImage(
  db: Database,
  built: {
    readonly app: string;
    readonly image: string;
    readonly revision: Sha;
    readonly digest: string;
    readonly tag: string | null;
    readonly at: Date;
  },
): Promise<void> {
  await db.insert(images).values(built).onConflictDoNothing();
}

/** What registries and CI told of an image, and what the servers of the environment before ran of it. */
export async function loadImages(
  db: Database,
  of: { readonly app: string; readonly image: string; readonly before: EnvironmentId | null },
): Promise<readonly KnownImage[]> {
  const told = await db
    .select()
    .from(images)
    .where(and(eq(images.app, of.app), eq(images.image, of.image)));
  const known = told.map(({ image, revision, digest }): KnownImage => ({ image, revision: revision as Sha, digest, from: "registry" }));
  return of.before === null ? known : [...known, ...(await ranIn(db, of.before))];
}

async function ranIn(db: Database, environment: EnvironmentId): Promise<readonly KnownImage[]> {
  const found = await db.execute<{ revision: string; head: Buffer; tail: Buffer }>(sql`
    select d.revision, s.head, s.tail from (select id, revision, number from deployments
      where environment_id = ${environment} and live_at is not null order by number desc limit ${RECENT}) d
    join steps s on s.deployment_id = d.id and s.step = 'pull' and s.status = 'done'`);
  return found.rows.flatMap(({ revision, head, tail }): readonly KnownImage[] => {
    const pulled = pulledImage(logText(tail.length > 0 ? tail : head));
    return pulled === null ? [] : [{ ...pulled, revision: revision as Sha, from: "ran" }];
  });
}
