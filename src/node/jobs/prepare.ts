/** What jobs need from elsewhere, fetched before they go where there may be no network. */
import { parsePreset } from "../../train/preset.ts";
import { openData } from "../run/data.ts";
import { canonicalJson } from "../run/names.ts";
import type { Job } from "./job.ts";
import { ownFiles } from "./own-files.ts";

/**
 * Fetches and encodes the texts that jobs train on, each once.
 *
 * @throws InputError as `openData`
 */
export async function fetchFor(
  jobs: readonly Job[],
  tell: (text: string) => void,
  signal?: AbortSignal,
): Promise<void> {
  const there = new Set<string>();
  for (const job of jobs) {
    if (!("preset" in job.model)) continue;
    const what = canonicalJson([job.model.preset.data, job.own]);
    if (there.has(what)) continue;
    there.add(what);
    const own = await ownFiles(job);
    const { data, seed } = parsePreset(job.model.preset, `job ${job.name}`, [], own.known);
    if (data.kind === "text") await openData(data, seed, { own, tell, signal });
  }
}
