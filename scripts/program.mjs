/** The program's own modules, from a script in plain JavaScript. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { builtTree } from "../src/node/files/typescript/built-tree.mjs";
import { registerTypeScript } from "../src/node/files/typescript/register.mjs";

/**
 * Imports one: what was built of it in a clone, by this or by a build of the package, and else its
 * TypeScript.
 *
 * @param {string} name below this folder, without its ending
 */
export async function program(name) {
  const source = new URL(`${name}.ts`, import.meta.url);
  if (!existsSync(source)) return await import(new URL(`${name}.js`, import.meta.url).href);
  const built = builtTree()?.(fileURLToPath(source));
  if (built === undefined) await registerTypeScript();
  return await import(built ?? source.href);
}
