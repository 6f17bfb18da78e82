import { z } from "zod";
import { isMigrationFile } from "../domain/django/migration-file.ts";
import type { Sha } from "../domain/ids.ts";
import type { AddedFile } from "../ports.ts";
import type { Ask } from "./ask.ts";

/** Each is a request; whoever adds more than this at once is told the names alone. */
const MOST_READ = 40;
/** A migration is written by a program and read by people. */
const MOST_BYTES = 200_000;

const comparison = z.object({
  diffs: z.array(z.object({ new_path: z.string().max(1000), new_file: z.boolean(), renamed_file: z.boolean().default(false) })),
  /** GitLab's word for: not all files are listed. */
  compare_timeout: z.boolean().default(false),
});

const content = z.object({ encoding: z.literal("base64"), size: z.int().nonnegative(), content: z.string() });

/** Python files that were added below a folder `migrations`, as they are in `head`. Null when GitLab does not say, or not all. */
export async function addedMigrations(
  ask: Ask,
  range: { readonly repository: string; readonly base: Sha | null; readonly head: Sha },
): Promise<readonly AddedFile[] | null> {
  const { repository, base, head } = range;
  if (base === null) return null;
  const query = { from: base, to: head, straight: false };
  const answer = await ask({ repository, path: ["repository", "compare"], query, schema: comparison });
  if (!answer.ok || answer.value.compare_timeout) return null;
  const added = answer.value.diffs.filter((file) => (file.new_file || file.renamed_file) && isMigrationFile(file.new_path));
  return Promise.all(
    added.map(async ({ new_path: path }, index) => ({
      path,
      text: index < MOST_READ ? await textOf(ask, { repository, head, path }) : null,
    })),
  );
}

async function textOf(ask: Ask, file: { readonly repository: string; readonly head: Sha; readonly path: string }): Promise<string | null> {
  const { repository, head, path } = file;
  const answer = await ask({ repository, path: ["repository", "files", path], query: { ref: head }, schema: content });
  if (!answer.ok || answer.value.size > MOST_BYTES) return null;
  return Buffer.from(answer.value.content, "base64").toString("utf8");
}
