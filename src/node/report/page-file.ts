/** The file of a page: made where it can be, and never in place of somebody's. */
import { accessSync, constants, existsSync, mkdtempSync, rmdirSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { InputError } from "../../errors.ts";
import { writeError } from "../files/durable.ts";
import { makeFolder } from "../files/make-folder.mjs";
import { readRegularText } from "../files/regular.ts";
import { generatorOf } from "./page.ts";

/**
 * What would be found out after all work: that a page cannot be written, or that another file has its name.
 *
 * @param generator what the page says that it was written by
 * @throws InputError that says which
 */
export function requirePageFile(path: string, generator: string): void {
  try {
    makeFolder(dirname(path));
    if (existsSync(path)) accessSync(path, constants.W_OK);
    else rmdirSync(mkdtempSync(join(dirname(path), ".whereabouts-"))); // root may write anywhere, but not in /proc
  } catch (error) {
    throw writeError(path, error);
  }
  if (existsSync(path) && !readRegularText(path).slice(0, 2000).includes(generatorOf(generator)))
    throw new InputError(
      `${path}: is there and is no page of ${generator}; move it away, or give another name`,
    );
}

/**
 * The folder beside a page where its figures are saved: `figures` of a sweep's `report.html`, and
 * `NAME-figures` of any other, for several may lie in one folder.
 */
export function figuresFolder(page: string): string {
  const name = basename(page, extname(page));
  return name === "report" ? "figures" : `${name}-figures`;
}
