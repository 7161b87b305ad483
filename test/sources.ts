/** The repository's own source files and what they import, for tests of its shape. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "..");

/** Paths of the source files under a folder, from the root of the repository, with slashes. */
export function sourcesUnder(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .map((path) => `${folder}/${path.replaceAll("\\", "/")}`)
    .filter((path) => /\.(m?[jt]s|tsx|css)$/.test(path))
    .sort();
}

/** Of src/encodings: the interface, the list, what several share, and rope's scalings with their fields. */
const NO_ENCODINGS = new Set([
  ...["encoding.ts", "index.ts", "causal.ts", "distance-table.ts"],
  ...["rope-scaling.ts", "rope-scaling-fields.ts"],
]);

/** Names of the files that are an encoding each. */
export const encodingFiles = (): string[] =>
  sourcesUnder("src/encodings")
    .map((path) => path.slice("src/encodings/".length))
    .filter((name) => !NO_ENCODINGS.has(name));

export const textOf = (path: string) => readFileSync(join(ROOT, path), "utf8");

export interface Import {
  readonly file: string;
  readonly from: string;
  /** Erased by the compiler. */
  readonly typeOnly: boolean;
}

/** The imports and re-exports of a file, static and dynamic. */
export function importsOf(file: string): Import[] {
  const text = textOf(file);
  const statements = text.matchAll(/^(?:import|export)\s(?:(type)\s)?[^;"']*?from\s+["']([^"']+)["']/gm);
  const bare = text.matchAll(/^import\s+["']([^"']+)["']/gm);
  const dynamic = text.matchAll(/(?<!typeof )\bimport\(\s*["']([^"']+)["']/g);
  return [
    ...[...statements].map(([, type, from]) => ({
      file,
      from: from as string,
      typeOnly: type !== undefined,
    })),
    ...[...bare, ...dynamic].map(([, from]) => ({ file, from: from as string, typeOnly: false })),
  ];
}
