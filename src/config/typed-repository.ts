import type { Companion } from "../domain/companion.ts";
import type { Connection, Repository } from "../domain/config.ts";
import type { CompanionDraft } from "./companion-yml.ts";
import { parseRepository } from "./repository.ts";
import { requirementOf } from "./requirement-yml.ts";

/** @throws when no rule said before that it names none: a bug of the rules. */
export function repositoryOf(words: string, connections: readonly Connection[]): Repository {
  const parsed = parseRepository(words, new Map(connections.map(({ name, kind }) => [name, kind])));
  if (!parsed.ok) throw new Error(`the configuration has ${words} as repository and no rule said so: report this`);
  return parsed.value;
}

export function companionOf({ repository, requires, ...rest }: CompanionDraft, connections: readonly Connection[]): Companion {
  return { ...rest, repository: repositoryOf(repository, connections), requires: requires.map(requirementOf) };
}
