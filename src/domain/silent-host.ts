import type { ChangeSet } from "./deployment.ts";

/** What is said of commits that nobody can be asked about; `compareUrl`: where people may look themselves. */
export function unknownChanges(compareUrl: string | null): ChangeSet {
  return { changes: [], complete: false, behind: 0, compareUrl, authors: [] };
}

/** A place of code without an API, or without a token for it: nothing is known of it, and nobody there is told anything. */
export const SILENT_HOST = {
  compare: async () => unknownChanges(null),
  resolve: async () => null,
  search: async () => null,
  environmentPage: (): string | null => null,
  reachable: async () => null,
  contains: async () => null,
  reread: async () => null,
  tests: async () => null,
  addedMigrations: async () => null,
  startAcceptance: async () => null,
  tell: async () => true,
  mark: async () => true,
  failed: async () => null,
  again: async () => false,
  // Nobody can answer there: it ends as the provider ends it.
  answerGate: async () => "over" as const,
  left: () => Infinity,
  answers: () => false,
} as const;
