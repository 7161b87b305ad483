/** The numbers of a published sweep, for a run of one seed to be placed among them. */
import { existsSync } from "node:fs";
import { type HeadlineRow, headlineRows } from "../../../figures/headline.ts";
import type { Preset } from "../../../train/preset.ts";
import { readPublished } from "../../jobs/study/published.ts";
import { readStudy, studyRuns } from "../../jobs/study/study-file.ts";
import { configHash } from "../../run/names.ts";
import { figureResult } from "./results.ts";

/**
 * A row for each preset whose configuration, but for its seed, is that of published runs of a
 * sweep: of another one the study says nothing.
 *
 * @param file of the study; where it is missing there are no rows
 * @throws InputError where a file of the study is damaged
 */
export function studyReference(file: string, sweep: string, presets: readonly Preset[]): HeadlineRow[] {
  if (!existsSync(file)) return [];
  const study = readStudy(file);
  const published = readPublished(study, sweep);
  const asked = new Set(presets.map((preset) => configHash({ ...preset, seed: 0 })));
  const finished = studyRuns(study, [sweep]).flatMap((run) => {
    const found = published.get(run.hash);
    const isAsked = found !== undefined && asked.has(configHash({ ...run.preset, seed: 0 }));
    return isAsked ? [{ run, published: found }] : [];
  });
  return headlineRows(finished.map(figureResult));
}
