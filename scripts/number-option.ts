/** Options that take a number. Each has bounds, which are checked as the command line is read. */
import type { z } from "zod";
import { parseConfig } from "../src/config.ts";
import { InputError } from "../src/errors.ts";

interface NumberOption<N extends number | undefined> {
  readonly describe: string;
  readonly default?: N;
}

/** An option whose values a schema bounds. */
export function numberOption<N extends number | undefined = undefined>(
  name: string,
  schema: z.ZodType<number>,
  rest: NumberOption<N>,
) {
  const coerce = checked((value) => parseConfig(schema, value, `--${name}`));
  return { type: "number", requiresArg: true, coerce, ...rest } as const;
}

/** An option that says how many, from 1 on: `--seeds 5`. */
export function countOption<N extends number | undefined = undefined>(
  name: string,
  most: number,
  { what = name, ...rest }: NumberOption<N> & { readonly what?: string },
) {
  const coerce = checked((value) => {
    if (Number.isInteger(value) && value >= 1 && value <= most) return value;
    throw new InputError(
      `--${name}: ${value} is not a number of ${what}; give a whole number from 1 to ${most}`,
    );
  });
  return { type: "number", requiresArg: true, coerce, ...rest } as const;
}

/** What was given twice is an array, which the command line's own check refuses. */
const checked =
  (check: (value: number) => number) =>
  (value: number | undefined): number =>
    // yargs calls it for what was given or has a default; its types know neither this nor arrays
    typeof value === "number" ? check(value) : (value as unknown as number);
