import { readdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const source = (path: string) => at(`src/${path}`);

/** Folders whose tests share a process: modules and TensorFlow load once, which takes as long as the tests. */
const SHARED = [
  ...["compare", "data", "encodings", "engine", "figures", "formats", "model"],
  ...["node/report", "node/study", "probes", "tensor", "train"],
];

/** What other files of the process would see: another module, environment or working folder. */
const SEEN_BY_OTHERS = /\bvi\.(mock|hoisted|stubEnv|resetModules)\(|process\.(chdir|env\.\w+ =)/;

const OWN_PROCESS = [
  "test/encodings/contract.test.ts", // takes longest: among those that come last it would end alone
  "test/probes/walk.test.ts", // loads a copy of the source, which starts an engine
];

const isShared = (path: string) =>
  !OWN_PROCESS.includes(path) &&
  SHARED.some((folder) => path.startsWith(`test/${folder}/`)) &&
  !SEEN_BY_OTHERS.test(readFileSync(at(path), "utf8"));

const shared = readdirSync(at("test"), { recursive: true, encoding: "utf8" })
  .map((path) => `test/${path.replaceAll("\\", "/")}`)
  .filter((path) => path.endsWith(".test.ts") && isShared(path));

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
    // Of two cores vitest would leave one alone; three workers wait a fifth of the time for disks, signals and each other.
    maxWorkers: Math.max(4, availableParallelism() - 1),
    projects: [
      { extends: true, test: { name: "own process", include: ["test/**/*.test.ts"], exclude: shared } },
      {
        extends: true,
        // A test past its time goes on beside the next file, whose engine it would change: such time is that of a hang.
        test: { name: "shared process", include: shared, isolate: false, testTimeout: 300_000 },
      },
    ],
  },
});
