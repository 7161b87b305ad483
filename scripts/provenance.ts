/** What every page of a command says of where it comes from. */
import { availableParallelism, cpus } from "node:os";
import { ROOT } from "../src/node/files/root.ts";
import type { EngineFacts } from "../src/node/native/known-start.ts";
import type { Provenance } from "../src/node/report/page.ts";
import type { StudyProvenance } from "../src/node/report/study/publish.ts";
import { commitOf } from "../src/node/run/commit.ts";
import { versions } from "../src/node/run/versions.ts";
import { commandLine } from "./shell-words.ts";

/** @param began when the command began, by `performance.now()` */
export function provenanceOf(engine: EngineFacts, began: number): Omit<Provenance, "seeds" | "facts"> {
  return {
    commit: commitOf(ROOT),
    engine: `${engine.name} (${engine.detail})`,
    seconds: (performance.now() - began) / 1000,
    versions: versions(engine),
    date: new Date().toISOString().slice(0, 10),
  };
}

/** What a published study says of where it comes from: no engine is started to publish. */
export function publishedProvenance(): StudyProvenance {
  const [cpu] = cpus();
  return {
    commit: commitOf(ROOT),
    command: commandLine("study", ["--publish"]),
    machine: `${cpu?.model ?? "an unknown processor"}, ${availableParallelism()} cores`,
    versions: { node: process.versions.node },
    date: new Date().toISOString().slice(0, 10),
  };
}
