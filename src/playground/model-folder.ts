/** Which of the folders that a person gave is the model's: itself, one within, or the best step of a run. */
import { InputError } from "../errors.ts";
import { count } from "../figures/format.ts";
import { parseLog, validationLosses } from "../train/log-lines.ts";
import { bestOf, stepNumber } from "../train/saved-steps.ts";

/** Names the folder in messages. */
const WHERE = "your folder";

/** A folder among the paths that were given, and what a person should know of the choice. */
export interface ModelFolder {
  /** As the paths begin, without a slash at its end; "" where files were given alone. */
  readonly folder: string;
  readonly notes: readonly string[];
}

const nameOf = (path: string) => path.slice(path.lastIndexOf("/") + 1);
/** The folder of a path. */
export const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf("/")));
const depthOf = (path: string) => path.split("/").length;

/** Names of folders that a message shows. */
const SHOWN = 3;

/**
 * Chooses: the one that holds config.json and lies highest; of a run's steps the best, as commands do.
 *
 * @param paths of all files, with slashes
 * @param read gives the text of one
 * @throws InputError where none holds a model, or several do
 */
export async function modelFolder(
  paths: readonly string[],
  read: (path: string) => Promise<string>,
): Promise<ModelFolder> {
  const holding = paths.filter((path) => nameOf(path) === "config.json").map(folderOf);
  if (holding.length === 0)
    throw new InputError(
      `${WHERE}: config.json is missing; give the folder of a model, a step or a run (${paths.length} files were given)`,
    );
  const highest = Math.min(...holding.map(depthOf));
  const found = holding.filter((folder) => depthOf(folder) === highest);
  const [folder = ""] = found;
  const chosen = found.length === 1 ? { folder, notes: [] } : await bestStepOf(found, paths, read);
  requireSafetensors(paths.filter((path) => folderOf(path) === chosen.folder).map(nameOf));
  return chosen;
}

async function bestStepOf(
  folders: readonly string[],
  paths: readonly string[],
  read: (path: string) => Promise<string>,
): Promise<ModelFolder> {
  const run = folderOf(folders[0] as string);
  const steps = folders
    .flatMap((folder) => {
      const step = stepNumber(nameOf(folder));
      return step !== undefined && folderOf(folder) === run ? [{ step, folder }] : [];
    })
    .sort((a, b) => a.step - b.step);
  const log = `${run}/log.jsonl`;
  if (steps.length < folders.length) throw new InputError(`${WHERE}: holds ${severalOf(folders)}`);
  const lines = paths.includes(log) ? parseLog(await read(log), `${WHERE}: log.jsonl`) : [];
  const whole = steps.filter(({ folder }) => paths.includes(`${folder}/model.safetensors`));
  const best = bestOf(whole, lines);
  if (best === undefined) throw new InputError(`${WHERE}: no step has model.safetensors; give the whole run`);
  const isValidated = validationLosses(lines).length > 0;
  const why = isValidated ? "the best in validation" : "the last, for no log says which is the best";
  return {
    folder: best.folder,
    notes: [`Step ${count(best.step)} of the run's ${count(steps.length)}: ${why}.`],
  };
}

function severalOf(folders: readonly string[]): string {
  const shown = folders.slice(0, SHOWN).map(nameOf).join(", ");
  const more = folders.length > SHOWN ? ` and ${folders.length - SHOWN} more` : "";
  return `${folders.length} models (${shown}${more}); give the folder of one`;
}

/** Weights in a format that runs code as it is read. */
const PICKLED = /^(pytorch_model.*\.bin|.*\.(pt|pth|ckpt)|tf_model\.h5|flax_model\.msgpack)$/;

function requireSafetensors(names: readonly string[]): void {
  if (names.some((name) => name.endsWith(".safetensors"))) return;
  const pickled = names.find((name) => PICKLED.test(name));
  if (pickled === undefined)
    throw new InputError(`${WHERE}: model.safetensors is missing; give the whole folder`);
  throw new InputError(
    `${WHERE}: the weights are in ${pickled}, and only safetensors is read; save the model with safe_serialization=True`,
  );
}
