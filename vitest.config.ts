import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** `expect.poll` gives up after one second by itself; a slow machine needs longer for a browser. */
const POLL = { poll: { timeout: 30_000 } };
const common = {
  environment: "node" as const,
  testTimeout: 60_000,
  hookTimeout: 60_000,
  expect: POLL,
  globalSetup: ["test/support/cluster.ts"],
};

/** By itself Vitest begins with the largest files. The played stories are small ones that take longest: begun last, they would run alone. */
class StoriesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const bySize = await BaseSequencer.prototype.sort.call(this, files);
    const stories = bySize.filter(({ moduleId }) => /\/play-\w+\.long\.test\.ts$/u.test(moduleId));
    return [...stories, ...bySize.filter((file) => !stories.includes(file))];
  }
}

/** `*.long.test.ts` (kill matrix, chaos, sabotage, the browser story) run in their own project: `npm run test:long`. */
export default defineConfig({
  test: {
    sequence: { sequencer: StoriesFirst },
    projects: [
      // Three on two cores: tests wait for databases, servers and pages for a third of their time.
      { test: { ...common, name: "fast", maxWorkers: 3, include: ["test/**/*.test.ts"], exclude: ["test/**/*.long.test.ts"] } },
      { test: { ...common, name: "long", include: ["test/**/*.long.test.ts"], testTimeout: 600_000, maxWorkers: 3 } },
    ],
  },
});
