/** Builds the package: ESM and types of `src` and `scripts`, as JavaScript that needs no compiler. */
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InputError } from "../../src/errors.ts";
import { runVisibly } from "../../src/node/files/command.ts";
import { readRegularText } from "../../src/node/files/regular.ts";
import { ROOT } from "../../src/node/files/root.ts";

/** What is built, below the clone; git ignores it. */
const BUILT = "dist";
const PARTS = ["src", "scripts"];

/** What runs as it is, beside what is compiled: the addon's sources, a task of Slurm. */
const AS_IS = /\.(cc|h|sh)$/;

/**
 * Builds anew.
 *
 * @throws InputError where the compiler refuses
 */
export async function build(): Promise<void> {
  const target = join(ROOT, BUILT);
  for (const part of PARTS) rmSync(join(target, part), { recursive: true, force: true });
  await compile(target);
  const types = PARTS.flatMap((part) => filesIn(join(target, part)).map((file) => join(part, file)));
  for (const file of types.filter((name) => /\.d\.m?ts$/.test(name))) finishTypes(target, file);
  for (const part of PARTS) {
    for (const file of filesIn(join(ROOT, part))) {
      if (AS_IS.test(file)) cpSync(join(ROOT, part, file), join(target, part, file));
    }
  }
}

async function compile(target: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "whereabouts-build-"));
  try {
    const project = join(folder, "tsconfig.json");
    const options = { noEmit: false, declaration: true, rewriteRelativeImportExtensions: true };
    const places = { rootDir: ROOT, outDir: target, typeRoots: [join(ROOT, "node_modules", "@types")] };
    const include = PARTS.map((part) => join(ROOT, part));
    const exclude = [join(ROOT, "src", "playground")]; // a page, which a bundler builds
    writeFileSync(
      project,
      JSON.stringify({
        extends: join(ROOT, "tsconfig.json"),
        compilerOptions: { ...options, ...places },
        ...{ include, exclude },
      }),
    );
    const tsc = join(ROOT, "node_modules", "typescript", "bin", "tsc");
    const { code, output } = await runVisibly([process.execPath, tsc, "--project", project], { cwd: ROOT });
    if (code !== 0) throw new InputError(`pack: tsc ends with code ${code}: ${output}; mend what it names`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Types of commands nobody imports; in others TypeScript leaves the endings of sources. */
function finishTypes(target: string, file: string): void {
  const path = join(target, file);
  if (file.startsWith("scripts")) {
    rmSync(path);
    return;
  }
  const text = readRegularText(path);
  writeFileSync(path, text.replace(/((?:from|import) ?\(?")(\.{1,2}\/[^"]+)\.ts"/g, '$1$2.js"'));
}

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
