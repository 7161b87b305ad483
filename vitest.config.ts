import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Of two cores vitest would leave one alone, and two workers wait a sixth of the time for what they have started.
    maxWorkers: Math.max(3, availableParallelism() - 1),
  },
});
