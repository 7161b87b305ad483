/** Builds the playground: static files that work from any folder of any host. */
import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { InlineConfig, Plugin } from "vite";
import { encodings } from "../../src/encodings/index.ts";
import { InputError } from "../../src/errors.ts";
import { paletteCss } from "../../src/figures/palette.ts";
import { readRegular } from "../../src/node/files/regular.ts";
import { verifySums } from "../../src/node/files/sums.ts";
import { sha256 } from "../../src/node/run/asked.ts";
import { resolveCheckpoint } from "../../src/node/run/resolve.ts";
import type { BuiltAnswers, Catalogue } from "../../src/playground/messages.ts";
import { SUMS_FILE, sumsText } from "../../src/sums.ts";
import { firstAnswers } from "./first-answers.ts";
import { requireOwnFolder } from "./own-folder.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const MODEL_FILES = ["config.json", "tokenizer.json", "model.safetensors"];
const ENGINE_FILES = ["", "-simd", "-threaded-simd"].map((kind) => `tfjs-backend-wasm${kind}.wasm`);

export interface PlaygroundOptions {
  /** A folder of run directories whose names begin with that of their encoding, such as `rope-who`. */
  readonly models: string;
  readonly out: string;
}

/** A model that the page shows. */
export interface ShownModel {
  readonly encoding: string;
  /** Its step directory. */
  readonly path: string;
}

/**
 * Builds into `out`, which it empties first.
 *
 * @throws InputError where there are no models to show, one is damaged, or `out` holds anything else
 */
export async function buildPlayground({ models, out }: PlaygroundOptions): Promise<void> {
  requireOwnFolder(out);
  const shown = shownModels(models);
  for (const { path } of shown) await verifySums(path, MODEL_FILES);
  const { build } = await import("vite");
  const answers = await firstAnswers(shown);
  const { NODE_ENV } = process.env;
  process.env.NODE_ENV = "production"; // else packages bring what they have for developers
  try {
    await build(configOf(shown, answers, out));
  } finally {
    if (NODE_ENV === undefined) delete process.env.NODE_ENV;
    else process.env.NODE_ENV = NODE_ENV;
  }
}

/** One model of each encoding that the folder has, of "who", in the order of the list of encodings. */
export function shownModels(folder: string): ShownModel[] {
  const names = existsSync(folder) ? readdirSync(folder).sort() : [];
  const shown = encodings.flatMap(({ kind }): ShownModel[] => {
    const name = names.find((one) => one === `${kind}-who` || one.startsWith(`${kind}-who-`));
    if (name === undefined) return [];
    const { path } = resolveCheckpoint(join(folder, name));
    return [{ encoding: kind, path }];
  });
  if (!["none", "rope"].every((kind) => shown.some(({ encoding }) => encoding === kind)))
    throw new InputError(
      `${folder}: has no models none-who and rope-who; give --models FOLDER of runs on who`,
    );
  return shown;
}

function configOf(
  shown: readonly ShownModel[],
  { catalogue, answers }: { readonly catalogue: Catalogue; readonly answers: BuiltAnswers },
  outDir: string,
): InlineConfig {
  return {
    configFile: false,
    root: join(ROOT, "src", "playground"),
    base: "./",
    logLevel: "warn",
    publicDir: false,
    // tfjs's own list of gradients is written for bundlers; the union package would bring all of tfjs along.
    resolve: {
      alias: [
        { find: /^@tensorflow\/tfjs$/, replacement: "@tensorflow/tfjs-core/dist/register_all_gradients" },
      ],
    },
    worker: { format: "es" },
    build: {
      outDir,
      emptyOutDir: true,
      target: "es2023",
      modulePreload: { polyfill: false },
      chunkSizeWarningLimit: 2000,
      rolldownOptions: { checks: { pluginTimings: false } },
    },
    plugins: [filesOf(shown), dataInPage({ catalogue, answers })],
  };
}

/** Models and engines as files of the page's own host. */
function filesOf(shown: readonly ShownModel[]): Plugin {
  const engine = dirname(createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm"));
  const files = [
    ...ENGINE_FILES.map((name) => ({ from: join(engine, name), to: `engine/${name}` })),
    ...shown.flatMap(({ encoding, path }) =>
      MODEL_FILES.map((name) => ({ from: join(path, name), to: `models/${encoding}/${name}` })),
    ),
  ];
  return {
    name: "whereabouts-files",
    generateBundle() {
      for (const { from, to } of files)
        this.emitFile({ type: "asset", fileName: to, source: readRegular(from) });
      for (const { encoding, path } of shown)
        this.emitFile({ type: "asset", fileName: `models/${encoding}/${SUMS_FILE}`, source: sumsOf(path) });
    },
  };
}

/** Of the files that the page fetches, so that it can tell a damaged one. */
const sumsOf = (path: string) =>
  sumsText(Object.fromEntries(MODEL_FILES.map((name) => [name, sha256(readRegular(join(path, name)))])));

/** The palette of the figures, by which the page is coloured too. */
const colours = `:root { ${paletteCss("light")} } @media (prefers-color-scheme: dark) { :root { ${paletteCss("dark")} } }`;

/** Data that the page has before it asks for anything: data blocks, which no policy of scripts concerns. */
function dataInPage(data: Readonly<Record<string, unknown>>): Plugin {
  return {
    name: "whereabouts-data",
    transformIndexHtml: () => [
      { tag: "style", children: colours, injectTo: "head" },
      ...Object.entries(data).map(([id, value]) => ({
        tag: "script",
        attrs: { type: "application/json", id },
        children: JSON.stringify(value).replaceAll("<", "\\u003c"),
        injectTo: "body" as const,
      })),
    ],
  };
}
