/** Writes the page of `compare --page` and of `ablate`, with where it comes from. */
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { StartedEngine } from "../src/engine/index.ts";
import { writeFileDurably } from "../src/node/files/durable.ts";
import { type ComparisonPage, comparisonPage } from "../src/node/report/comparison-page.ts";
import { commitOf } from "../src/node/run/commit.ts";
import { versions } from "../src/node/run/versions.ts";
import { tell } from "./print.ts";
import { commandLine } from "./shell-words.ts";

interface PageOf extends Pick<ComparisonPage, "answers" | "runs"> {
  readonly engine: StartedEngine;
  /** When the command began. */
  readonly began: number;
  readonly facts?: Readonly<Record<string, string>>;
}

export async function writeComparison(
  path: string,
  name: string,
  { engine, began, facts, ...page }: PageOf,
): Promise<void> {
  const provenance = {
    ...(facts && { facts }),
    commit: commitOf(ROOT),
    engine: `${engine.name} (${engine.detail})`,
    seeds: [...new Set(page.runs.map(({ seed }) => seed))].sort((a, b) => a - b),
    seconds: (performance.now() - began) / 1000,
    versions: versions(engine),
    date: new Date().toISOString().slice(0, 10),
  };
  const command = commandLine(name, process.argv.slice(3));
  await writeFileDurably(path, await comparisonPage({ ...page, provenance, command }));
  tell("page", resolve(path), `open it in a browser: ${pathToFileURL(resolve(path))}`);
}

const ROOT = fileURLToPath(new URL("..", import.meta.url));
