/** The validation losses of a run that is compared. */
import type { ComparedRun } from "../../compare/questions.ts";
import { isInputError } from "../../errors.ts";
import { validationLosses } from "../../train/log-lines.ts";
import { readLog } from "../run/log.ts";

/**
 * A log that was damaged since costs its curve, and no comparison.
 *
 * @param tell hears why there are none
 */
export function knownLosses(run: string, tell: (text: string) => void): ComparedRun["validation"] {
  try {
    return validationLosses(readLog(run));
  } catch (error) {
    if (!isInputError(error)) throw error;
    tell(`its curve of training is left out: ${error.message}`);
    return undefined;
  }
}
