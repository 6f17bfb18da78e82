import { defineConfig } from "vitest/config";

const common = { environment: "node" as const, testTimeout: 60_000, hookTimeout: 60_000, globalSetup: ["test/support/cluster.ts"] };

/** `*.long.test.ts` (kill matrix, chaos, sabotage, the browser story) run in their own project: `npm run test:long`. */
export default defineConfig({
  test: {
    projects: [
      { test: { ...common, name: "fast", maxWorkers: 2, include: ["test/**/*.test.ts"], exclude: ["test/**/*.long.test.ts"] } },
      { test: { ...common, name: "long", include: ["test/**/*.long.test.ts"], testTimeout: 600_000, maxWorkers: 2 } },
    ],
  },
});
