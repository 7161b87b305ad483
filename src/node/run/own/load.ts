/**
 * A definition of the user's own: a file anywhere that exports one encoding, probe, task or corpus,
 * given by the option of its name.
 *
 * The file runs as part of the program, as any import does. It may import `whereabouts` and
 * `whereabouts/node`, wherever it lies. What it exports is checked before it is used, and so is
 * what its functions return.
 */
import { createHash } from "node:crypto";
import { register } from "node:module";
import { extname } from "node:path";
import type { z } from "zod";
import { parseConfig } from "../../../config.ts";
import { InputError, isInputError } from "../../../errors.ts";
import { readRegular } from "../../files/regular.ts";
import { registerTypeScript } from "../../files/typescript/register.mjs";
import { guarded, guardedAsync, type OwnOption, textOf } from "./guard.ts";
import { importBytes } from "./import-bytes.ts";

/** A definition that a file exports. */
export interface OwnFile<T> {
  readonly definition: T;
  readonly path: string;
  /** SHA-256 of the file, in hex. What the file imports is not part of it. */
  readonly sha256: string;
}

/** One kind of definition. */
export interface OwnKind<T extends object> {
  readonly option: OwnOption;
  readonly plural: string;
  /** Fields by which an export is taken for one. */
  readonly marks: readonly string[];
  /** How a file exports one. */
  readonly example: string;
  readonly schema: z.ZodType;
  /**
   * The definition, with what its functions return checked. @param where begins messages: `--task:
   * mine.ts`
   */
  readonly checked: (definition: T, where: string) => T;
}

/**
 * Loads the definition that a file exports: its default export, or the only export that is one.
 *
 * @throws InputError where the file cannot be read or run, exports no definition or several, or a
 *   field of it is wrong.
 */
export async function loadFile<T extends object>(kind: OwnKind<T>, path: string): Promise<OwnFile<T>> {
  const where = `--${kind.option}: ${path}`;
  const bytes = bytesOf(path, where);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const exported = await guardedAsync(where, () => importFile(path, bytes, where));
  const definition = guarded(where, () => kind.checked(definitionOf(kind, where, exported), where)); // its getters are the file's too
  return { definition, path, sha256 };
}

function bytesOf(path: string, where: string): Buffer {
  try {
    return readRegular(path);
  } catch (cause) {
    if (isInputError(cause)) throw cause;
    const { code } = cause as NodeJS.ErrnoException;
    throw new InputError(`${where} cannot be read (${code}); check the path`, { cause });
  }
}

async function importFile(
  path: string,
  bytes: Buffer,
  where: string,
): Promise<Readonly<Record<string, unknown>>> {
  await registerTypeScript();
  resolveWhereabouts();
  try {
    return await importBytes(path, bytes);
  } catch (cause) {
    if (isInputError(cause)) throw cause;
    const why = cause instanceof Error ? cause.message : textOf(cause);
    throw new InputError(`${where} cannot be run (${why}); mend the file`, { cause });
  }
}

let resolves = false;

/**
 * Lets files anywhere import "whereabouts", and find this very program; and reads TypeScript as
 * modules whatever the nearest package.json says, for a folder without one would make it CommonJS.
 */
function resolveWhereabouts(): void {
  if (resolves) return;
  resolves = true;
  const built = extname(import.meta.url); // .ts in a clone, .js in the package
  const targets = JSON.stringify({
    whereabouts: new URL(`../../../index${built}`, import.meta.url).href,
    "whereabouts/node": new URL(`../../index${built}`, import.meta.url).href,
  });
  const hook = `const targets = ${targets};
  export async function resolve(name, context, next) {
    if (Object.hasOwn(targets, name)) return next(targets[name], context);
    const found = await next(name, context);
    const own = /\\.ts(\\?|$)/.test(found.url) && !found.url.includes("/node_modules/");
    return own ? { ...found, format: "module" } : found;
  }`;
  register(`data:text/javascript,${encodeURIComponent(hook)}`);
}

/** The one export that is a definition; where none is, the fault of the one that comes closest. */
function definitionOf<T extends object>(
  { option, plural, marks, example, schema }: OwnKind<T>,
  where: string,
  exported: Readonly<Record<string, unknown>>,
): T {
  const parsed = (value: unknown, name: string): T => {
    parseConfig(schema, value, `${where}: ${name}`);
    return value as T; // as parsed; the schema copies, and methods may look at `this`
  };
  if ("default" in exported) return parsed(exported.default, "the default export");
  const candidates = Object.entries(exported).filter(
    ([, value]) => typeof value === "object" && value !== null && marks.every((mark) => mark in value),
  );
  const names = candidates.map(([name]) => name);
  if (candidates.length > 1) {
    throw new InputError(
      `${where} exports ${names.length} ${plural} (${names.join(", ")}); make one of them the default export`,
    );
  }
  const [only] = candidates;
  if (only === undefined)
    throw new InputError(`${where} exports no ${option}; write export default ${example}`);
  return parsed(only[1], only[0]);
}
