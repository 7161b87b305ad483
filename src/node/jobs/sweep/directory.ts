/**
 * A sweep's directory:
 *
 *     sweep.json      the plan, its hash and its fields: another plan in the same directory is refused
 *     RUN/            a run each, as `train` makes them
 *     results.csv     every measurement, a row each, once all runs have ended
 *     results.json    what was decided of them
 *     ranks.json      where steps were asked: from which on conditions stand in the order of the end
 *     report.html     the same for people
 *     figures/        its figures, and means.csv: mean over seeds, interval and n of all that was compared
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { InputError } from "../../../errors.ts";
import { ensureFolder, indentedJson, writeFileDurably } from "../../files/durable.ts";
import { sha256 } from "../../run/asked.ts";
import { differenceText } from "../../run/config-difference.ts";
import { requireEmpty } from "../../run/identity.ts";
import { canonicalJson, runDirectoryName } from "../../run/names.ts";
import { readJson } from "../../run/preset.ts";
import { isRunFolder } from "../../run/run-folder.ts";
import { fieldsOf } from "./fields.ts";
import { identityOf, type PlannedRun, type SweepPlan } from "./plan.ts";

const sweepSchema = z.looseObject({
  plan: z.looseObject({}),
  sha256: z.string(),
  /** Earlier versions have none. */
  fields: z.record(z.string(), z.unknown()).optional(),
});

export const SWEEP_FILE = "sweep.json";

/** SHA-256 of a plan, in hex. */
export const sweepHash = (plan: SweepPlan): string => sha256(canonicalJson(identityOf(plan)));

/** Where a sweep is, unless a person says: by its hash, so that the same command finds it. */
export const sweepDirectory = (plan: SweepPlan): string =>
  join("checkpoints", `sweep-${sweepHash(plan).slice(0, 8)}`);

/** Where a run of a sweep is. */
export const runDirectory = (directory: string, { preset }: PlannedRun): string =>
  join(directory, runDirectoryName(preset));

/**
 * Makes a sweep's directory its own, or finds that it is.
 *
 * @throws InputError where another plan, or something else, is there, or it cannot be written
 */
export async function claimDirectory(directory: string, plan: SweepPlan): Promise<void> {
  const path = join(directory, SWEEP_FILE);
  const hash = sweepHash(plan);
  if (existsSync(path)) {
    const found = sweepSchema.safeParse(readJson(path));
    if (!found.success) throw new InputError(`${path}: is no plan of a sweep; give another --out`);
    if (found.data.sha256 === hash) return;
    throw new InputError(
      `${directory}: holds another sweep (${differenceFrom(found.data, plan)}); give another --out, or the same plan`,
    );
  }
  requireEmpty(directory, "sweep", isRunFolder); // results.csv and report.html would replace somebody's
  ensureFolder(directory);
  const content = { plan: identityOf(plan), sha256: hash, fields: fieldsOf(plan) };
  await writeFileDurably(path, indentedJson(content));
}

/** The fields in which the plans differ, and where they have the same values, the runs. */
function differenceFrom({ plan: there, fields }: z.output<typeof sweepSchema>, plan: SweepPlan): string {
  const { runs, ...here } = identityOf(plan);
  const { runs: others, ...rest } = there;
  const byField =
    fields === undefined ? "" : differenceText({ ...rest, ...fields }, { ...here, ...fieldsOf(plan) });
  return byField || differenceText({ ...rest, runs: others }, { ...here, runs });
}
