/** Writes the page of `probe --page`, with where it comes from. */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { StartedEngine } from "../src/engine/index.ts";
import { writeFileDurably } from "../src/node/files/durable.ts";
import type { Provenance } from "../src/node/report/page.ts";
import { type ProbePage, probePage } from "../src/node/report/probe-page.ts";
import { modelHashes } from "../src/node/run/asked.ts";
import type { Checkpoint } from "../src/node/run/checkpoint.ts";
import { tell } from "./print.ts";
import { provenanceOf } from "./provenance.ts";
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
  const provenance = await provenanceWithModel(page.checkpoint, run);
  const command = commandLine("probe", process.argv.slice(3));
  await writeFileDurably(path, await probePage({ ...page, provenance, command }));
  tell("page", resolve(path), `open it in a browser: ${pathToFileURL(resolve(path))}`);
}

async function provenanceWithModel(
  { path, kind, step }: Checkpoint,
  { checkpoint, seed, engine, began }: PageRun,
): Promise<Provenance> {
  const hash = (await modelHashes(path))["model.safetensors"];
  return {
    facts: {
      checkpoint: kind === "run" ? `${checkpoint}, step ${step}` : checkpoint,
      ...(hash !== undefined && { "model.safetensors (sha256)": hash }),
    },
    ...provenanceOf(engine, began),
    seeds: [seed],
  };
}
