// @ts-check
/**
 * What a node leaves that can run no task, such as one without the engine: one file for a whole
 * array, at which all other tasks end too. Plain JavaScript without dependencies: a node may lack
 * the packages.
 */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";

/** slurm-task.sh writes it too. */
export const REFUSAL_FILE = "refused.txt";

/** What Slurm calls the node of this task, which may be another name than the machine's. */
export const nodeName = () => process.env.SLURMD_NODENAME || hostname();

/**
 * Says why, unless another node has done so, and keeps Slurm from starting the tasks that wait.
 *
 * @param {string} folder of the submission
 * @param {string} why
 */
export function refuse(folder, why) {
  const said = `${nodeName()}: ${why}\n`;
  process.stderr.write(said);
  try {
    writeFileSync(join(folder, REFUSAL_FILE), said, { flag: "wx" });
  } catch {} // the first one stands
  const array = process.env.SLURM_ARRAY_JOB_ID ?? "";
  if (/^\d+$/.test(array)) spawnSync("scancel", ["--state=PENDING", array], { stdio: "ignore" });
}
