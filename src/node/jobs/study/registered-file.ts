/** Statements that a study judges, as a JSON file beside it registers them. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Registered } from "../../../compare/registered.ts";
import { parseConfig } from "../../../config.ts";
import { InputError } from "../../../errors.ts";
import { metrics } from "../../../probes/index.ts";
import { readJson } from "../../run/preset.ts";
import type { Study } from "./study-file.ts";

const relation = z.enum(["better", "much better", "no worse", "the same"]);

const statementSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]+$/),
  /** Names of the sweeps that it is asked of. */
  sweeps: z.array(z.string()).min(1),
  statement: z.string().min(1),
  source: z.string().min(1),
  /** What was read of the source after it was registered, and what of the statement it does not hold. */
  checked: z.string().min(1).optional(),
  metric: z.string(),
  at: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
  margin: z.number().positive().max(1e12),
  contrasts: z.array(z.tuple([z.string(), relation, z.string()])).optional(),
  ranges: z
    .array(z.strictObject({ condition: z.string(), low: z.number().optional(), high: z.number().optional() }))
    .optional(),
});

const fileSchema = z.strictObject({
  /** Since when it stands as it does. */
  registered: z.string(),
  /** What was registered and is not asked, and why. */
  unasked: z.array(z.strictObject({ statement: z.string(), reason: z.string() })),
  statements: z.array(statementSchema),
});

/** A statement, and the sweeps that it is asked of. */
export interface StudyStatement extends Registered {
  readonly sweeps: readonly string[];
  /** What was read of the source, and what of the statement it does not hold. */
  readonly checked?: string | undefined;
}

/** All that was registered. */
export interface StatementFile extends Omit<z.output<typeof fileSchema>, "statements"> {
  readonly statements: readonly StudyStatement[];
}

/**
 * Reads the statements of a study; none where it has no such file.
 *
 * @throws InputError where a field is wrong, or a sweep or metric is unknown
 */
export function readRegistered(study: Study): StatementFile {
  const path = join(study.folder, "registered.json");
  if (!existsSync(path)) return { registered: "", unasked: [], statements: [] };
  const file = parseConfig(fileSchema, readJson(path), path);
  for (const { id, sweeps, metric } of file.statements) {
    const unknown = sweeps.find((name) => !study.sweeps.some((sweep) => sweep.name === name));
    if (unknown !== undefined) throw new InputError(`${path}: ${id}: ${unknown} is no sweep of the study`);
    if (metrics[metric] === undefined) throw new InputError(`${path}: ${id}: no probe measures ${metric}`);
  }
  return file as StatementFile; // zod's optional fields may be there and undefined: so may these
}
