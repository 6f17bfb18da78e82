import type { RepositoryHost } from "../ports.ts";

/** A `ci:` repository has no API: nothing is known of its code but what the messages say, and nobody is told anything. */
export function withoutCodeHost(): RepositoryHost {
  return {
    compare: async () => ({ changes: [], complete: false, behind: 0, compareUrl: null, authors: [] }),
    resolve: async () => null,
    search: async () => null,
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
    answerGate: async () => "over",
  };
}
