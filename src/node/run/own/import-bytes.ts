/** Runs a module from bytes that were read once: what was hashed is what is executed. */
import { realpathSync } from "node:fs";
import * as nodeModule from "node:module";
import { pathToFileURL } from "node:url";
import { InputError } from "../../../errors.ts";
import { readRegular } from "../../files/regular.ts";

/** What the loader is handed for a module that is known by its bytes. */
interface Held {
  readonly url: string;
  readonly source: string;
  /** Whether it is a module whatever the nearest package.json says. */
  readonly always: boolean;
}

/** In Node from 22.15 on, where its hooks come before those that run in a thread of their own. */
type Load = (url: string, context: { format?: string }, next: (...args: unknown[]) => unknown) => unknown;
const { registerHooks } = nodeModule as { registerHooks?: (hooks: { load: Load }) => void };

/**
 * Imports a file as a module of these bytes. CommonJS is read by Node itself, and held against the
 * bytes afterwards.
 * @throws InputError where such a file has changed meanwhile; whatever else its import throws.
 */
export async function importBytes(path: string, bytes: Buffer): Promise<Readonly<Record<string, unknown>>> {
  const filename = realpathSync(path);
  const { href: url } = pathToFileURL(filename);
  const typed = /\.m?ts$/.test(filename);
  const text = bytes.toString("utf8");
  const source = typed ? await withoutTypes(text, filename) : text;
  holdSource({ url, source, always: typed || filename.endsWith(".mjs") });
  const exported = (await import(url)) as Record<string, unknown>;
  if (/\.c?js$|\.cts$/.test(filename) && !readRegular(filename).equals(bytes)) {
    throw new InputError(`${path} changed while it was read; let it be, and run again`);
  }
  return exported;
}

async function withoutTypes(text: string, filename: string): Promise<string> {
  const { transformSync } = await import("@swc/wasm-typescript"); // a tenth of a command's start
  return transformSync(text, { filename, module: true, mode: "transform" }).code;
}

function holdSource(held: Held): void {
  if (registerHooks !== undefined) {
    registerHooks({
      load: (url, context, next) =>
        url === held.url && (held.always || context.format === "module")
          ? { format: "module", source: held.source, shortCircuit: true }
          : next(url, context),
    });
    return;
  }
  const hook = `let held;
  export function initialize(data) { held = data; }
  export async function load(url, context, next) {
    return url === held.url && (held.always || context.format === "module")
      ? { format: "module", source: held.source, shortCircuit: true }
      : next(url, context);
  }
  // ${held.url}`; // a text of its own for each file: a hook that was loaded before is not loaded again
  nodeModule.register(`data:text/javascript,${encodeURIComponent(hook)}`, { data: held });
}
