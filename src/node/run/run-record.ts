/** What run.json says of a run as it starts. */
import type { AnyData } from "../../data/index.ts";
import type { StartedEngine } from "../../engine/engine.ts";
import type { Preset } from "../../train/preset.ts";
import { OWN_OF_RUN, type Own } from "./own/index.ts";
import { type RunRecord, readRunJson } from "./run-json.ts";
import type { Source } from "./source.ts";

interface Given {
  readonly engine: StartedEngine;
  readonly versions: Readonly<Record<string, string>>;
  readonly own: Own;
  readonly source: Source | undefined;
}

/** Of run.json: the path and hash of each file of the user's that the run is made with. */
const filesOf = (own: Own) =>
  Object.fromEntries(
    OWN_OF_RUN.flatMap((kind) => {
      const { path, sha256 } = own[kind] ?? {};
      return path === undefined || sha256 === undefined ? [] : [[kind, { path, sha256 }]];
    }),
  );

export function runRecord(
  directory: string,
  preset: Preset,
  data: AnyData,
  { engine, versions, own, source }: Given,
): RunRecord {
  return {
    config: preset,
    ...filesOf(own),
    ...(source && { from: { path: source.path, sha256: source.sha256 } }),
    ...(data.kind === "text" ? { textSha256: data.fingerprint } : {}),
    versions: { ...versions },
    engine: `${engine.name} (${engine.detail})`,
    threads: engine.threads,
    startedAt: readRunJson(directory)?.startedAt ?? new Date().toISOString(),
    status: "running",
  };
}
