/** The shape of the repository: what may import what, what runs in a browser, and how long a file may be. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..");
/** Longer than this, a file is hard to read in one go. */
const MOST_LINES = 200;

/** A folder, or a file beside the folders, imports from its own level and those below. */
const LEVELS: Readonly<Record<string, number>> = {
  tensor: 0,
  "assignments.ts": 0,
  "config.ts": 0,
  "errors.ts": 0,
  "json.ts": 0,
  files: 0,
  "nearest.ts": 0,
  "finite.ts": 0,
  "printable.ts": 0,
  "index.ts": 1, // what a user's own encoding imports
  engine: 1,
  encodings: 1,
  data: 1,
  model: 2,
  train: 3,
  run: 4,
  probes: 5,
  compare: 6,
  report: 7,
  playground: 8,
};

interface Exception {
  /** How the path of a file starts. */
  readonly path: string;
  readonly reason: string;
}

const importsTensorflow: readonly Exception[] = [
  { path: "src/tensor/tf.ts", reason: "the one door to its operations" },
  { path: "src/engine/", reason: "registers kernels and backends" },
];

const importsNode: readonly Exception[] = [
  { path: "src/engine/native", reason: "a shared library is loaded in Node alone" },
  { path: "src/engine/graph/", reason: "hands graphs to that library through files" },
  { path: "src/run/", reason: "keeps runs in directories" },
  { path: "src/files/", reason: "opens and locks files" },
  { path: "src/report/charts/node-document.ts", reason: "draws without a browser" },
];

/** Paths of the source files under a folder, from the root of the repository, with slashes. */
function sourcesUnder(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .map((path) => `${folder}/${path.replaceAll("\\", "/")}`)
    .filter((path) => /\.(m?[jt]s|tsx|css)$/.test(path))
    .sort();
}

const textOf = (path: string) => readFileSync(join(ROOT, path), "utf8");

interface Import {
  readonly file: string;
  readonly from: string;
  /** Erased by the compiler. */
  readonly typeOnly: boolean;
}

/** The imports and re-exports of a file, static and dynamic. */
function importsOf(file: string): Import[] {
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

const sources = sourcesUnder("src");
const imports = sources.flatMap(importsOf);
const excepted = (file: string, exceptions: readonly Exception[]) =>
  exceptions.some(({ path }) => file.startsWith(path));
const show = ({ file, from }: Import) => `${file} imports ${from}`;
/** The folder or file just under src/ that a path lies in. */
const partOf = (path: string) => path.split("/")[1] as string;

test("the imports are found: tensor/tf.ts has one, and some file has several", () => {
  expect(imports.filter(({ file }) => file === "src/tensor/tf.ts").map(({ from }) => from)).toEqual([
    "@tensorflow/tfjs-core",
  ]);
  expect(imports.filter(({ file }) => file === "src/model/attention.ts").length).toBeGreaterThan(3);
});

test("every folder of src/ has a level", () => {
  expect([...new Set(sources.map(partOf))].filter((part) => !(part in LEVELS))).toEqual([]);
});

test("no folder imports from a higher level", () => {
  const levelOf = (path: string) => LEVELS[partOf(path)] ?? Number.NaN;
  const upward = imports
    .filter(({ from }) => from.startsWith("."))
    .filter(({ file, from }) => {
      const target = normalize(join(dirname(file), from)).replaceAll("\\", "/");
      return !(levelOf(target) <= levelOf(file));
    });
  expect(upward.map(show)).toEqual([]);
});

test("nothing but tensor/tf.ts and the engines imports TensorFlow.js, save for its types", () => {
  const found = imports.filter(
    ({ file, from, typeOnly }) =>
      from.startsWith("@tensorflow/") && !typeOnly && !excepted(file, importsTensorflow),
  );
  expect(found.map(show)).toEqual([]);
});

test("what a browser runs imports no module of Node's", () => {
  const found = imports.filter(
    ({ file, from, typeOnly }) => from.startsWith("node:") && !typeOnly && !excepted(file, importsNode),
  );
  expect(found.map(show)).toEqual([]);
});

test.each([...importsTensorflow, ...importsNode])(
  "the exception for $path is still needed: $reason",
  ({ path }) => {
    const wants = importsNode.some((one) => one.path === path) ? /^node:|^linkedom$/ : /^@tensorflow\//;
    expect(imports.some(({ file, from }) => file.startsWith(path) && wants.test(from))).toBe(true);
  },
);

test("every encoding's file is listed in encodings/index.ts", () => {
  const index = textOf("src/encodings/index.ts");
  const names = sourcesUnder("src/encodings")
    .map((path) => path.slice("src/encodings/".length))
    .filter((name) => name !== "encoding.ts" && name !== "index.ts");
  expect(names.length).toBeGreaterThan(0);
  for (const name of names) {
    const exported = index.match(
      new RegExp(`import \\{ (\\w+) \\} from "\\./${name.replace(".", "\\.")}"`),
    )?.[1];
    expect(exported, `${name} is not imported`).toBeDefined();
    expect(index, `${name} is imported and not listed`).toMatch(new RegExp(`^ {2}${exported},$`, "m"));
  }
});

test(`no source file is longer than ${MOST_LINES} lines`, () => {
  const long = ["src", "scripts", "test"]
    .flatMap(sourcesUnder)
    .map((path) => ({ path, lines: textOf(path).trimEnd().split("\n").length }))
    .filter(({ lines }) => lines > MOST_LINES);
  expect(long.map(({ path, lines }) => `${path}: ${lines}`)).toEqual([]);
});

test("no TODO is without the number of its issue", () => {
  const found = ["src", "scripts"]
    .flatMap(sourcesUnder)
    .filter((path) => /\bTODO\b(?! ?\(?#\d+)/.test(textOf(path)));
  expect(found).toEqual([]);
});
