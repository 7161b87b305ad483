/** The options with which commands say where the tokens of a context stand. */
import type { Options } from "yargs";
import { parseConfig } from "../src/config.ts";
import { InputError } from "../src/errors.ts";
import { firstPosition, positionCount, type Scheme, schemeSchema } from "../src/model/positions.ts";
import { numberOption } from "./number-option.ts";

/** Spread into a command's builder: `--scheme` and the fields of the schemes. */
export const schemeOptions = {
  scheme: {
    type: "string",
    requiresArg: true,
    default: "contiguous",
    describe: "contiguous, shifted, randomized, randomized-real, interpolated, clamped or wrapped",
  },
  by: numberOption("by", firstPosition, { describe: "shifted: the first position" }),
  range: numberOption("range", positionCount, {
    describe: "randomized, randomized-real: positions to draw from",
  }),
  trained: numberOption("trained", positionCount, { describe: "interpolated: positions to squeeze into" }),
  limit: numberOption("limit", positionCount, { describe: "clamped, wrapped: how many positions there are" }),
} as const satisfies Record<string, Options>;

/** What a command gets from `schemeOptions`. */
export interface SchemeArguments {
  readonly scheme: string;
  readonly by?: number | undefined;
  readonly range?: number | undefined;
  readonly trained?: number | undefined;
  readonly limit?: number | undefined;
}

/** @throws InputError for an unknown scheme, a field it lacks or one that it does not have. */
export function schemeOf({ scheme: kind, by, range, trained, limit }: SchemeArguments): Scheme {
  const given = Object.entries({ kind, by, range, trained, limit }).filter(
    ([, value]) => value !== undefined,
  );
  const lacking = fieldsOf(kind).find((field) => !given.some(([name]) => name === field));
  if (lacking !== undefined)
    throw new InputError(
      `--scheme: ${lacking}: is missing; give --${lacking} (${schemeOptions[lacking].describe})`,
    );
  return parseConfig(schemeSchema, Object.fromEntries(given), "--scheme");
}

/** What a scheme needs beside its name; nothing of one that is not known. */
function fieldsOf(kind: string): (keyof Omit<typeof schemeOptions, "scheme">)[] {
  const scheme = schemeSchema.options.find(({ shape }) => shape.kind.value === kind);
  return fields.filter((field) => scheme !== undefined && field in scheme.shape);
}

const fields = ["by", "range", "trained", "limit"] as const;
