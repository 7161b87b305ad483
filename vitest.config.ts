import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** Tests that change nothing that others see: no working folder, no environment, no mock. */
const PURE = ["compare", "data", "figures", "formats", "node/report", "node/study"].map(
  (folder) => `test/${folder}/**/*.test.ts`,
);

const source = (path: string) => fileURLToPath(new URL(`src/${path}`, import.meta.url));

export default defineConfig({
  // The name of the package is what is built of it, which tests do without.
  resolve: {
    alias: [
      { find: /^whereabouts$/, replacement: source("index.ts") },
      { find: /^whereabouts\/node$/, replacement: source("node/index.ts") },
    ],
  },
  test: {
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Of two cores vitest would leave one alone, and two workers wait a sixth of the time for what they have started.
    maxWorkers: Math.max(3, availableParallelism() - 1),
    projects: [
      // What they import is loaded once for all: it takes as long as the tests.
      { extends: true, test: { name: "pure", include: PURE, isolate: false } },
      { extends: true, test: { name: "own process", include: ["test/**/*.test.ts"], exclude: PURE } },
    ],
  },
});
