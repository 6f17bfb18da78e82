import type { ChangeSet } from "../domain/deployment.ts";
import type { App, ConnectionKind } from "../domain/config.ts";
import type { Author } from "../domain/people.ts";
import type { StoredRun } from "../db/runs.ts";
import type { Engine } from "./engine.ts";

/** Authors are git's and the provider's; the pusher is authenticated. Each is mapped to Slack by the configured list, then by e-mail. */
export async function withPeople(
  engine: Engine,
  { repository }: Pick<App, "repository">,
  changes: ChangeSet,
  stored: StoredRun | null,
): Promise<ChangeSet> {
  const known = new Map<string, Author>();
  const mapped = async (author: Author): Promise<Author> => {
    const key = `${author.login ?? ""}|${author.email ?? ""}|${author.name}`;
    const seen = known.get(key);
    if (seen !== undefined) return seen;
    const found = await slackPerson(engine, repository.kind, author);
    known.set(key, found);
    return found;
  };
  const withAuthors = [];
  for (const change of changes.changes) withAuthors.push({ ...change, author: await mapped(change.author) });
  const pusher = stored?.run.push?.pusher;
  for (const author of [...changes.authors, ...(pusher === undefined ? [] : [pusher])]) await mapped(author);
  return { ...changes, changes: withAuthors, authors: samePersonOnce([...known.values()]) };
}

/** The author with a Slack id, where one is known. The same login may be somebody else's at another provider. */
export async function slackPerson(engine: Engine, kind: ConnectionKind, author: Author): Promise<Author> {
  if (author.slackId !== null) return author;
  const listed = engine.config.people.find(
    (person) =>
      (author.login !== null && (kind === "gitlab" ? person.gitlab : person.github) === author.login) ||
      (author.email !== null && person.emails.includes(author.email.toLowerCase())),
  );
  if (listed !== undefined) return { ...author, slackId: listed.slackId };
  if (author.email === null) return author;
  const found = await engine.directory.byEmail(author.email);
  return found === null ? author : { ...author, slackId: found.id };
}

/** One person, though known by a login here and an e-mail there. Unmapped ones stay apart: nobody guesses. */
export function samePersonOnce(authors: readonly Author[]): readonly Author[] {
  const seen = new Set<string>();
  return authors.filter((author) => {
    if (author.slackId === null) return true;
    if (seen.has(author.slackId)) return false;
    seen.add(author.slackId);
    return true;
  });
}
