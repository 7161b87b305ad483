/** Writes the page of `compare --page` and of `ablate`, with where it comes from, and its figures. */
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { ensureFolder, writeFileDurably } from "../src/node/files/durable.ts";
import type { EngineFacts } from "../src/node/native/known-start.ts";
import { type ComparisonPage, comparisonPage } from "../src/node/report/comparison-page.ts";
import { writeFigures } from "../src/node/report/figure-files.ts";
import { figuresFolder } from "../src/node/report/page-file.ts";
import { tell } from "./print.ts";
import { provenanceOf } from "./provenance.ts";
import { commandLine } from "./shell-words.ts";

interface PageOf extends Pick<ComparisonPage, "answers" | "runs"> {
  readonly engine: EngineFacts;
  /** When the command began. */
  readonly began: number;
  readonly facts?: Readonly<Record<string, string>>;
}

export async function writeComparison(
  path: string,
  name: string,
  { engine, began, facts, ...page }: PageOf,
): Promise<void> {
  const provenance = {
    ...(facts && { facts }),
    ...provenanceOf(engine, began),
    seeds: [...new Set(page.runs.map(({ seed }) => seed))].sort((a, b) => a - b),
  };
  const command = commandLine(name, process.argv.slice(3));
  const folder = figuresFolder(path);
  const { html, figures, files } = await comparisonPage({ ...page, provenance, command, folder });
  await writeFileDurably(path, html);
  tell("page", resolve(path), `open it in a browser: ${pathToFileURL(resolve(path))}`);
  const beside = join(dirname(path), folder);
  ensureFolder(beside);
  await writeFigures(beside, figures);
  for (const [file, text] of Object.entries(files)) await writeFileDurably(join(beside, file), text);
  const also = Object.keys(files).join(", ");
  tell("figures", `${figures.length} as SVG and PNG, and ${also}, in ${resolve(beside)}`);
}
