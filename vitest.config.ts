import { defineConfig } from "vitest/config";

/** `expect.poll` gives up after one second by itself; a slow machine needs longer for a browser. */
const POLL = { poll: { timeout: 30_000 } };
const common = {
  environment: "node" as const,
  testTimeout: 60_000,
  hookTimeout: 60_000,
  expect: POLL,
  globalSetup: ["test/support/cluster.ts"],
};

/** `*.long.test.ts` (kill matrix, chaos, sabotage, the browser story) run in their own project: `npm run test:long`. */
export default defineConfig({
  test: {
    projects: [
      { test: { ...common, name: "fast", maxWorkers: 2, include: ["test/**/*.test.ts"], exclude: ["test/**/*.long.test.ts"] } },
      { test: { ...common, name: "long", include: ["test/**/*.long.test.ts"], testTimeout: 600_000, maxWorkers: 2 } },
    ],
  },
});
