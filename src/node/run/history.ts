/** What a run keeps of its training: the models of its steps, and the losses of its log. */
import { join } from "node:path";
import { toParams } from "../../formats/fitting-tensors.ts";
import type { Model } from "../../model/model.ts";
import type { History } from "../../probes/probe.ts";
import { validationLosses } from "../../train/log-lines.ts";
import { verifySums } from "../files/sums.ts";
import { listSteps, MODEL_FILES } from "./directory.ts";
import { readLog } from "./log.ts";
import { readParameters } from "./parameters.ts";

const MODEL = "model.safetensors";
/** Of fewer steps nobody can tell how soon anything was learned. */
const LEAST_STEPS = 3;

/**
 * Undefined where fewer than three steps are kept.
 *
 * @throws InputError where the log is damaged
 */
export function historyOf(run: string, model: Model): History | undefined {
  const steps = listSteps(run);
  if (steps.length < LEAST_STEPS) return undefined;
  return {
    steps: steps.map(({ step, path }) => ({
      step,
      async load() {
        const sums = await verifySums(path, MODEL_FILES, [MODEL]);
        return toParams(await readParameters(join(path, MODEL), model.specs, sums?.get(MODEL)));
      },
    })),
    validation: validationLosses(readLog(run)).map(([step, value]) => ({ step, value })),
  };
}
