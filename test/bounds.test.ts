/**
 * Every number that a user can give has bounds: those of presets, probes and schemes, and those on
 * a command line.
 */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import yargs, { type Argv } from "yargs";
import { z } from "zod";
import { schemeSchema } from "../src/model/positions.ts";
import { samplingSchema } from "../src/model/sampling.ts";
import { probes } from "../src/probes/index.ts";
import { presetSchema } from "../src/train/preset.ts";

/** Far above what is useful, and below what leaves the length of an array, or float32. */
const MOST = { whole: 2 ** 31, real: 1e30 };

/** The paths of numbers without bounds; a type that this does not know is one too. */
function unbounded(schema: z.ZodType, path: string): string[] {
  if (schema instanceof z.ZodNumber) {
    const bounds = [schema.minValue, schema.maxValue];
    const most = schema.isInt ? MOST.whole : MOST.real;
    return bounds.every((bound) => bound !== null && Math.abs(bound) <= most) ? [] : [path];
  }
  if (schema instanceof z.ZodObject) {
    return Object.entries(schema.shape).flatMap(([name, field]) =>
      unbounded(field as z.ZodType, `${path}.${name}`),
    );
  }
  if (schema instanceof z.ZodUnion)
    return schema.options.flatMap((option) => unbounded(option as z.ZodType, path));
  if (schema instanceof z.ZodArray) return unbounded(schema.element as z.ZodType, `${path}[]`);
  if (schema instanceof z.ZodPipe) return unbounded(schema.in as z.ZodType, path);
  if (
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodReadonly
  )
    return unbounded(schema.unwrap() as z.ZodType, path);
  const known = [z.ZodLiteral, z.ZodEnum, z.ZodString, z.ZodBoolean];
  return known.some((type) => schema instanceof type) ? [] : [`${path} (${schema.constructor.name})`];
}

test("the walk finds a number without bounds, however deep", () => {
  const hidden = z.strictObject({ a: z.array(z.union([z.literal("x"), z.int().min(0)])).default([]) });
  expect(unbounded(hidden, "s")).toEqual(["s.a[]"]);
  expect(unbounded(z.number().positive().max(1e39), "s")).toEqual(["s"]);
});

const schemas: Record<string, z.ZodType> = {
  preset: presetSchema(),
  sampling: samplingSchema,
  scheme: schemeSchema,
  ...Object.fromEntries(probes.map(({ name, config }) => [`probe ${name}`, config])),
};

test.each(Object.entries(schemas))("every number of %s has bounds", (name, schema) => {
  expect(unbounded(schema, name)).toEqual([]);
});

describe("every number on a command line has bounds", () => {
  const folder = new URL("../scripts/", import.meta.url);
  const files = readdirSync(folder).filter(
    (file) =>
      file.endsWith(".ts") &&
      /^export (const|function) builder/m.test(readFileSync(new URL(file, folder), "utf8")),
  );

  test.each(files)("%s", async (file) => {
    const { builder } = (await import(new URL(file, folder).href)) as { builder?: (argv: Argv) => Argv };
    const parser = (...args: string[]) =>
      (builder as (argv: Argv) => Argv)(yargs(args))
        .exitProcess(false)
        .fail((message, error) => {
          throw error ?? new Error(message);
        });
    // yargs' own list of what it was told; its types leave it out
    const { number } = (parser() as unknown as { getOptions(): { number: string[] } }).getOptions();
    for (const option of number) {
      for (const value of ["1e300", "-1e300", "NaN"]) {
        const parsed = async () => await parser(`--${option}=${value}`).parseAsync();
        await expect(parsed(), `--${option}=${value}`).rejects.toThrow(`--${option}: `);
      }
    }
  });

  test("there are some", () => {
    expect(files).toEqual(
      expect.arrayContaining(["bench.ts", "probe.ts", "sample.ts", "start.ts", "train.ts"]),
    );
  });
});
