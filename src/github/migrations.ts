import { z } from "zod";
import { isMigrationFile } from "../domain/django/migration-file.ts";
import type { Sha } from "../domain/ids.ts";
import type { AddedFile } from "../ports.ts";
import type { Ask } from "./ask.ts";

/** GitHub lists no more files of a comparison; with as many, some may be missing. */
const MOST_FILES = 300;
/** Each is a request; whoever adds more than this at once is told the names alone. */
const MOST_READ = 40;
/** A migration is written by a program and read by people. */
const MOST_BYTES = 200_000;

const comparison = z.object({
  files: z.array(z.object({ filename: z.string().max(1000), status: z.string() })).default([]),
});

const content = z.object({ encoding: z.literal("base64"), size: z.int().nonnegative(), content: z.string() });

/** Python files that were added below a folder `migrations`, as they are in `head`. Null when GitHub does not say, or not all. */
export async function addedMigrations(
  ask: Ask,
  range: { readonly repository: string; readonly base: Sha | null; readonly head: Sha },
): Promise<readonly AddedFile[] | null> {
  const { repository, base, head } = range;
  if (base === null) return null;
  const answer = await ask({
    repository,
    route: "GET /repos/{owner}/{repo}/compare/{basehead}",
    parameters: { basehead: `${base}...${head}`, per_page: 1 },
    schema: comparison,
  });
  if (!answer.ok || answer.value.files.length >= MOST_FILES) return null;
  const added = answer.value.files.filter(
    ({ filename, status }) => status !== "removed" && status !== "modified" && isMigrationFile(filename),
  );
  return Promise.all(
    added.map(async ({ filename }, index) => ({
      path: filename,
      text: index < MOST_READ ? await textOf(ask, { repository, head, path: filename }) : null,
    })),
  );
}

async function textOf(ask: Ask, file: { readonly repository: string; readonly head: Sha; readonly path: string }): Promise<string | null> {
  const answer = await ask({
    repository: file.repository,
    route: "GET /repos/{owner}/{repo}/contents/{path}",
    parameters: { path: file.path, ref: file.head },
    schema: content,
  });
  if (!answer.ok || answer.value.size > MOST_BYTES) return null;
  return Buffer.from(answer.value.content, "base64").toString("utf8");
}
