/** Probes of the user's own: a file in `--probe`. */
import { z } from "zod";
import { parseConfig } from "../../../config.ts";
import { probes } from "../../../probes/index.ts";
import { type Metric, NEEDS, type Probe, type Row } from "../../../probes/probe.ts";
import { guardedAsync } from "./guard.ts";
import type { OwnKind } from "./load.ts";
import { callable, ownName } from "./names.ts";

const metricFields: { readonly [K in keyof Required<Metric>]: z.ZodType } = {
  title: z.string().min(1),
  unit: z.string(),
  better: z.enum(["higher", "lower", "neither"]),
  meaning: z.string().min(1),
  null: z.looseObject({ value: z.number(), of: z.string() }).optional(),
  success: z.literal(true).optional(),
  missing: z.looseObject({ lies: z.enum(["above", "below"]), means: z.string().min(1) }).optional(),
};

/** Metrics of two probes that share a name would be one in every table. */
const LISTED: ReadonlySet<string> = new Set(probes.flatMap(({ metrics }) => Object.keys(metrics)));
const metricName = z
  .string()
  .regex(/^[a-z][a-z0-9_]*$/, "lower-case letters, digits and '_' only, such as my_metric")
  .refine((name) => !LISTED.has(name), { error: "is a metric of a listed probe; choose another name" });

const fields: { readonly [K in keyof Required<Probe>]: z.ZodType } = {
  name: ownName(
    "probe",
    probes.map(({ name }) => name),
  ),
  question: z.string().min(1),
  needs: z.array(z.enum(NEEDS)),
  needsOneOf: z.array(z.enum(NEEDS)).optional(),
  metrics: z.record(z.string(), z.looseObject(metricFields)).superRefine((metrics, context) => {
    for (const name of Object.keys(metrics)) {
      const { error } = metricName.safeParse(name);
      if (error) context.addIssue({ code: "custom", path: [name], message: error.issues[0]?.message ?? "" });
    }
  }),
  config: z.custom((value) => value instanceof z.ZodObject, {
    error: "must be a zod object, such as z.strictObject({})",
  }),
  large: z.record(z.string(), z.unknown()).optional(),
  run: callable,
};

export const ownProbe: OwnKind<Probe> = {
  option: "probe",
  plural: "probes",
  marks: ["question", "run"],
  example: 'defineProbe({ name: "my-probe", … })',
  schema: z.looseObject(fields),
  checked,
};

/**
 * The probe, whose rows are checked. A number that is not finite is found where every probe's is
 * (`runProbe`).
 */
function checked(probe: Probe, where: string): Probe {
  const number = z.custom<number>((value) => typeof value === "number", { error: "must be a number" });
  const row = z.strictObject({
    metric: z.enum(Object.keys(probe.metrics)),
    value: number.nullable(),
    n: number,
    se: z.union([number, z.literal("exact"), z.null()]).optional(),
    at: z.record(z.string(), z.union([z.string(), number, z.undefined()])),
  });
  return {
    ...probe,
    async run(subject, config, rng): Promise<Row[]> {
      const rows = await guardedAsync(`${where}: run`, () => probe.run(subject, config, rng));
      parseConfig(z.array(row), rows, `${where}: what run returns`);
      return rows;
    },
  };
}
