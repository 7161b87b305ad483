/**
 * A cache is a convenience: where it cannot be written, a text is prepared in a temporary folder,
 * and that is said once.
 */
import { sep } from "node:path";
import { InputError } from "../../../errors.ts";
import { scratchFolder } from "../../files/scratch.ts";
import { systemCause } from "../../files/system-errors.ts";

/** A disk that takes nothing more, wherever it is. */
const FULL: ReadonlySet<string> = new Set(["ENOSPC", "EDQUOT", "EROFS"]);

/** Of this process: what it has prepared is not prepared again. */
let substitute: string | undefined;

/**
 * Runs `work` with a folder for texts and tokens: the cache, or a temporary one where that cannot be written.
 *
 * @param cache names the folder; it throws where the user has none
 * @throws InputError as `work`, and where there is no temporary folder either
 */
export async function withCache<T>(
  cache: () => string,
  tell: (text: string) => void,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  let folder: string | undefined;
  try {
    folder = cache();
    return await work(folder);
  } catch (error) {
    if (!isOfCache(error, folder)) throw error;
    const { message } = error as Error;
    const first = substitute === undefined;
    substitute ??= scratchFolder();
    if (substitute === undefined) throw error;
    if (first) tell(`data: goes on without the cache, in ${substitute}: ${message}`);
    return work(substitute);
  }
}

/** Against faults of the text, which lies elsewhere. */
function isOfCache(error: unknown, folder: string | undefined): boolean {
  if (folder === undefined) return error instanceof InputError;
  const system = systemCause(error);
  if (system?.code === undefined) return false;
  return FULL.has(system.code) || system.path === folder || system.path?.startsWith(folder + sep) === true;
}
