/** The figures of a page as files of their own, for papers and slides: each as SVG and as PNG. */
import { join } from "node:path";
import { standaloneSvg } from "../../figures/svg-file.ts";
import { ensureFolder, writeFileDurably } from "../files/durable.ts";
import { pngOf } from "./png.ts";

/** A figure, and what its files are called. */
export interface NamedFigure {
  /** Letters, digits and hyphens, without an extension. */
  readonly name: string;
  /** As on the page. */
  readonly svg: string;
}

/**
 * Writes NAME.svg and NAME.png of each into a folder, which is made where it is not there.
 *
 * @returns the paths
 */
export async function writeFigures(folder: string, figures: readonly NamedFigure[]): Promise<string[]> {
  if (figures.length === 0) return [];
  ensureFolder(folder);
  for (const { name, svg } of figures) {
    const file = standaloneSvg(svg);
    await writeFileDurably(join(folder, `${name}.svg`), file);
    await writeFileDurably(join(folder, `${name}.png`), await pngOf(file));
  }
  return figures.flatMap(({ name }) => [".svg", ".png"].map((ending) => join(folder, name + ending)));
}
