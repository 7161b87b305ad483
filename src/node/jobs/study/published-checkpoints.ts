/**
 * The trained models that stand in the repository: of each run that the study names, the best step.
 *
 *     FOLDER/rope-who/
 *         config.json  model.safetensors  tokenizer.json    the step's, to the byte
 *         state.json       its number of updates; what the optimizer keeps is left out
 *         published.json   the run as the study publishes it (published.ts), with every row
 *         SHA256SUMS
 *         README.md        the model's card
 *
 * Each is a step directory, which every command reads; what a probe answers of it is kept in the
 * user's cache, as of every step that is of no run.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { InputError } from "../../../errors.ts";
import { writeDirectory } from "../../files/durable.ts";
import { readRegular, readRegularText } from "../../files/regular.ts";
import { removeWhole } from "../../files/staging.ts";
import { SUMS_FILE, sumsText, verifySums } from "../../files/sums.ts";
import { sha256 } from "../../run/asked.ts";
import { bestStep, MODEL_FILES } from "../../run/directory.ts";
import { stepOf } from "../../run/identity.ts";
import { publishedOf } from "./local-runs.ts";
import { type PublishedRun, publishedLine, publishedRun } from "./published.ts";
import type { Standing } from "./run-study.ts";
import type { Study, StudyRun } from "./study-file.ts";

export const CARD_FILE = "README.md";
const RUN_FILE = "published.json";
const STEP_COPIES = [...MODEL_FILES, "tokenizer.json", "state.json"];

/** A model that is published, or is to be. */
export interface PublishedModel {
  readonly run: StudyRun;
  /** `rope-who`: the name of its folder. */
  readonly name: string;
  readonly folder: string;
}

/** A model, and what its card tells of it. */
export interface ModelFacts extends PublishedModel {
  readonly published: PublishedRun;
  readonly step: number;
  readonly weights: { readonly bytes: number; readonly sha256: string };
}

/** Where a study's models are; undefined where it publishes none. */
export const modelsFolder = ({ folder, checkpoints }: Study): string | undefined =>
  checkpoints && join(folder, checkpoints.folder);

/** The models that a study publishes, in the order of its file. @param runs all of the study */
export function publishedModels(study: Study, runs: readonly StudyRun[]): PublishedModel[] {
  const { checkpoints } = study;
  if (checkpoints === undefined) return [];
  return checkpoints.of.flatMap(({ sweep, presets = study.presets }) =>
    presets.flatMap((condition) => {
      const isOne = (run: StudyRun) =>
        run.sweep.name === sweep && run.condition === condition && run.preset.seed === checkpoints.seed;
      const name = `${condition}-${sweep}`;
      return runs
        .filter(isOne)
        .map((run) => ({ run, name, folder: join(study.folder, checkpoints.folder, name) }));
    }),
  );
}

/**
 * A model that is published; undefined where none is, or one of another configuration.
 *
 * @throws InputError where its folder is damaged
 */
export async function readModel(model: PublishedModel): Promise<ModelFacts | undefined> {
  const { folder, run } = model;
  const path = join(folder, RUN_FILE);
  if (!existsSync(path)) return undefined;
  await verifySums(folder, STEP_COPIES);
  const published = publishedRun(readRegularText(path), path);
  return published.sha256 === run.hash ? factsOf(model, published, folder) : undefined;
}

/**
 * Writes the model of a run that is done, in place of the one that was published before.
 *
 * @param cardOf the text of its card
 * @returns undefined where the folder holds the same already
 * @throws InputError where the run is damaged, or the folder holds something else
 */
export async function writeModel(
  model: PublishedModel,
  { directory, run }: Standing & { readonly directory: string },
  cardOf: (facts: ModelFacts) => string,
): Promise<ModelFacts | undefined> {
  const { folder } = model;
  const step = bestStep(directory);
  if (step === undefined) throw new InputError(`${directory}: no step is left; train it anew`);
  await verifySums(step.path, STEP_COPIES);
  const line = publishedLine(await publishedOf(directory, run));
  const facts = factsOf(model, publishedRun(line, directory), step.path); // with as many digits as are published
  const copies = STEP_COPIES.map((file) => [file, readRegular(join(step.path, file))] as const);
  const files: Record<string, string | Uint8Array> = Object.fromEntries(copies);
  files[RUN_FILE] = line;
  const sums = sumsText(
    Object.fromEntries(Object.entries(files).map(([file, bytes]) => [file, sha256(bytes)])),
  );
  files[SUMS_FILE] = sums;
  files[CARD_FILE] = cardOf(facts);
  if (Object.entries(files).every(([file, content]) => holds(join(folder, file), content))) return undefined;
  if (existsSync(join(folder, RUN_FILE))) await removeWhole(folder);
  await writeDirectory(folder, files);
  return facts;
}

/** @param path of a step directory, or of one that is published */
function factsOf(model: PublishedModel, published: PublishedRun, path: string): ModelFacts {
  const weights = readRegular(join(path, "model.safetensors"));
  const step = stepOf(path);
  return { ...model, published, step, weights: { bytes: weights.length, sha256: sha256(weights) } };
}

const holds = (path: string, content: string | Uint8Array): boolean =>
  existsSync(path) && Buffer.from(readRegular(path)).equals(Buffer.from(content));
