/**
 * An encoding of the user's own: a file outside `src/encodings/` that exports one definition, given by `--encoding FILE`.
 *
 * The file runs as part of the program, as any import does. It may import `whereabouts`, wherever it lies: `src/index.ts`. What it exports is
 * checked before it is used, and so is what its `create` makes.
 */
import { createHash } from "node:crypto";
import { register } from "node:module";
import { z } from "zod";
import { parseConfig } from "../../config.ts";
import type { EncodingDefinition, PositionEncoding } from "../../encodings/encoding.ts";
import { encodings } from "../../encodings/index.ts";
import { InputError, isInputError } from "../../errors.ts";
import { readRegular } from "../files/regular.ts";
import { importBytes } from "./import-bytes.ts";
import { callable, encodingSchema } from "./own-fields.ts";
import { guarded, guardedEncoding, guardedImport, shown } from "./own-hooks.ts";

export interface OwnEncoding {
  readonly definition: EncodingDefinition;
  /** The listed encodings, and this one. */
  readonly known: readonly EncodingDefinition[];
  readonly path: string;
  /** SHA-256 of the file, in hex. What the file imports is not part of it. */
  readonly sha256: string;
}

const definitionSchema = z.looseObject({
  kind: z
    .string()
    .regex(/^[a-z][a-z0-9-]*$/, "lower-case letters, digits and '-' only, such as my-encoding")
    .refine((kind) => encodings.every((listed) => listed.kind !== kind), {
      error: "is the name of a listed encoding; choose another",
    }),
  title: z.string().min(1),
  source: z.string(),
  relative: z.boolean(),
  config: z.custom((value) => value instanceof z.ZodObject, {
    error: "must be a zod object, such as z.strictObject({})",
  }),
  create: callable,
});

/**
 * Loads the definition that a file exports: its default export, or the only export that is one.
 *
 * @throws InputError where the file cannot be read or run, exports no definition or several, or a field of it is wrong.
 */
export async function loadOwnEncoding(path: string): Promise<OwnEncoding> {
  const bytes = bytesOf(path);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const definition = checked(
    definitionOf(path, await guardedImport(path, () => importFile(path, bytes))),
    path,
  );
  return { definition, known: [...encodings, definition], path, sha256 };
}

function bytesOf(path: string): Buffer {
  try {
    return readRegular(path);
  } catch (cause) {
    if (isInputError(cause)) throw cause;
    const { code } = cause as NodeJS.ErrnoException;
    throw new InputError(`--encoding: ${path} cannot be read (${code}); check the path`, { cause });
  }
}

async function importFile(path: string, bytes: Buffer): Promise<Readonly<Record<string, unknown>>> {
  resolveWhereabouts();
  try {
    return await importBytes(path, bytes);
  } catch (cause) {
    if (isInputError(cause)) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new InputError(`--encoding: ${path} cannot be run (${why}); mend the file`, { cause });
  }
}

let resolves = false;

/**
 * Lets files anywhere import "whereabouts", and find this very program; and reads TypeScript as modules whatever the nearest package.json
 * says, for a folder without one would make it CommonJS.
 */
function resolveWhereabouts(): void {
  if (resolves) return;
  resolves = true;
  const target = JSON.stringify(new URL("../../index.ts", import.meta.url).href);
  const hook = `export async function resolve(name, context, next) {
    if (name === "whereabouts") return { url: ${target}, format: "module", shortCircuit: true };
    const found = await next(name, context);
    const own = /\\.ts(\\?|$)/.test(found.url) && !found.url.includes("/node_modules/");
    return own ? { ...found, format: "module" } : found;
  }`;
  register(`data:text/javascript,${encodeURIComponent(hook)}`);
}

/** The one export that is a definition; where none is, the fault of the one that comes closest. */
function definitionOf(path: string, exported: Readonly<Record<string, unknown>>): EncodingDefinition {
  if ("default" in exported) return parsed(exported.default, `${path}: the default export`);
  const candidates = Object.entries(exported).filter(
    ([, value]) => typeof value === "object" && value !== null && "kind" in value && "create" in value,
  );
  const names = candidates.map(([name]) => name);
  if (candidates.length > 1) {
    throw new InputError(
      `--encoding: ${path} exports ${names.length} encodings (${names.join(", ")}); make one of them the default export`,
    );
  }
  const [only] = candidates;
  if (only === undefined) {
    throw new InputError(
      `--encoding: ${path} exports no encoding; write export default defineEncoding({ kind: "my-encoding", … })`,
    );
  }
  return parsed(only[1], `${path}: ${only[0]}`);
}

function parsed(value: unknown, where: string): EncodingDefinition {
  parseConfig(definitionSchema, value, `--encoding: ${where}`);
  return value as EncodingDefinition; // as parsed; the schema copies, and methods may look at `this`
}

/** The definition, each of whose encodings is checked as it is made, and as it is used. */
function checked(definition: EncodingDefinition, path: string): EncodingDefinition {
  return {
    ...definition,
    create(config, shape): PositionEncoding {
      const made = guarded(`${path}: create`, () => definition.create(config, shape));
      if (typeof (made as { then?: unknown } | undefined)?.then === "function") {
        throw new InputError(
          `--encoding: ${path}: create returned ${shown(made)}; return the encoding itself`,
        );
      }
      const where = `--encoding: ${path}: what create returns`;
      parseConfig(encodingSchema, made, where);
      for (const field of ["params", "layerParams"] as const) requireOwnNames(where, field, made[field]);
      return guardedEncoding(path, made, shape);
    },
  };
}

/** `__proto__` in braces is no field but another object to inherit from, which nothing here reads. */
function requireOwnNames(where: string, field: string, specs: object | undefined): void {
  if (specs === undefined) return;
  const parent = Object.getPrototypeOf(specs);
  if ((parent === Object.prototype || parent === null) && !Object.hasOwn(specs, "__proto__")) return;
  throw new InputError(`${where}: ${field}.__proto__ is no name of a parameter; choose another`);
}
