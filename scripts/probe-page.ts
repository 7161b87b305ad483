/** Writes the page of `probe --page`, with where it comes from. */
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { StartedEngine } from "../src/engine/index.ts";
import { writeFileDurably } from "../src/node/files/durable.ts";
import type { Provenance } from "../src/node/report/page.ts";
import { type ProbePage, probePage } from "../src/node/report/probe-page.ts";
import { modelHashes } from "../src/node/run/asked.ts";
import type { Checkpoint } from "../src/node/run/checkpoint.ts";
import { commitOf } from "../src/node/run/commit.ts";
import { versions } from "../src/node/run/versions.ts";
import { tell } from "./print.ts";
import { commandLine } from "./shell-words.ts";

interface PageRun {
  /** As it was given. */
  readonly checkpoint: string;
  readonly seed: number;
  readonly engine: StartedEngine;
  /** When the command began. */
  readonly began: number;
}

export async function writePage(
  path: string,
  page: Omit<ProbePage, "provenance" | "command">,
  run: PageRun,
): Promise<void> {
  const provenance = await provenanceOf(page.checkpoint, run);
  const command = commandLine("probe", process.argv.slice(3));
  await writeFileDurably(path, await probePage({ ...page, provenance, command }));
  tell("page", resolve(path), `open it in a browser: ${pathToFileURL(resolve(path))}`);
}

async function provenanceOf(
  { path, kind, step }: Checkpoint,
  { checkpoint, seed, engine, began }: PageRun,
): Promise<Provenance> {
  const seconds = (performance.now() - began) / 1000;
  const hash = (await modelHashes(path))["model.safetensors"];
  return {
    facts: {
      checkpoint: kind === "run" ? `${checkpoint}, step ${step}` : checkpoint,
      ...(hash !== undefined && { "model.safetensors (sha256)": hash }),
    },
    commit: commitOf(ROOT),
    engine: `${engine.name} (${engine.detail})`,
    seeds: [seed],
    seconds,
    versions: versions(engine),
    date: new Date().toISOString().slice(0, 10),
  };
}

const ROOT = fileURLToPath(new URL("..", import.meta.url));
