/** The shape of the repository: what may import what, what runs in a browser, and how long a file may be. */
import { dirname, join, normalize } from "node:path";
import { expect, test } from "vitest";
import { encodingFiles, type Import, importsOf, sourcesUnder, textOf } from "./sources.ts";

/** Longer than this, a file is hard to read in one go. */
const MOST_LINES = 200;

/** What runs anywhere: a folder, or a file beside the folders, imports from its own level and those below. */
const ANYWHERE: Readonly<Record<string, number>> = {
  tensor: 0,
  "assignments.ts": 0,
  "config.ts": 0,
  "errors.ts": 0,
  "json.ts": 0,
  "nearest.ts": 0,
  "finite.ts": 0,
  "printable.ts": 0,
  "quantity.ts": 0,
  "sums.ts": 0,
  "index.ts": 8,
  encodings: 1,
  data: 1,
  engine: 2,
  model: 3,
  formats: 3,
  train: 4,
  probes: 5,
  compare: 6,
  figures: 7,
  playground: 9,
};

/**
 * What runs in Node alone, below src/node/: it may import what runs anywhere too, of its own level
 * and below.
 */
const NODE: Readonly<Record<string, number>> = {
  files: 1,
  native: 3,
  run: 5,
  jobs: 7,
  report: 8,
  "index.ts": 9,
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

/** Packages that need Node. */
const NODE_ONLY: ReadonlySet<string> = new Set([
  "@resvg/resvg-wasm",
  "@tensorflow/tfjs-node",
  "cli-progress",
  "linkedom",
  "node-api-headers",
  "@swc/wasm-typescript",
  "yargs",
]);

const sources = sourcesUnder("src");
const imports = sources.flatMap(importsOf);
const excepted = (file: string, exceptions: readonly Exception[]) =>
  exceptions.some(({ path }) => file.startsWith(path));
const show = ({ file, from }: Import) => `${file} imports ${from}`;
const isNode = (path: string) => path.startsWith("src/node/");
/** The folder or file just under its ring that a path lies in. */
const partOf = (path: string) => path.split("/")[isNode(path) ? 2 : 1] as string;
const levelOf = (path: string) => (isNode(path) ? NODE : ANYWHERE)[partOf(path)] ?? Number.NaN;
/** The file that a relative import names. */
const targetOf = ({ file, from }: Import) => normalize(join(dirname(file), from)).replaceAll("\\", "/");

test("the imports are found: tensor/tf.ts has one, and some file has several", () => {
  expect(imports.filter(({ file }) => file === "src/tensor/tf.ts").map(({ from }) => from)).toEqual([
    "@tensorflow/tfjs-core",
  ]);
  expect(imports.filter(({ file }) => file === "src/model/attention.ts").length).toBeGreaterThan(3);
});

test("every folder of src/ has a level", () => {
  const folders = sources.filter((path) => !Number.isFinite(levelOf(path)));
  expect(folders).toEqual([]);
});

test("no folder imports from a higher level", () => {
  const upward = imports
    .filter(({ from }) => from.startsWith("."))
    .filter((one) => !(levelOf(targetOf(one)) <= levelOf(one.file)));
  expect(upward.map(show)).toEqual([]);
});

test("no file imports itself through others, not even its types", () => {
  const named = new Map(
    sources.map((file) => [file, imports.filter((one) => one.file === file && one.from.startsWith("."))]),
  );
  const reaches = (start: string) => {
    const found = new Set<string>();
    const left = [start];
    for (let file = left.pop(); file !== undefined; file = left.pop()) {
      for (const one of named.get(file) ?? []) {
        const target = targetOf(one);
        if (!found.has(target)) left.push(target);
        found.add(target);
      }
    }
    return found;
  };
  expect(sources.filter((file) => reaches(file).has(file))).toEqual([]);
});

test("nothing but tensor/tf.ts and the engines imports TensorFlow.js, save for its types", () => {
  const found = imports.filter(
    ({ file, from, typeOnly }) =>
      from.startsWith("@tensorflow/") && !typeOnly && !excepted(file, importsTensorflow),
  );
  expect(found.map(show)).toEqual([]);
});

const isOfNode = (from: string) =>
  from.startsWith("node:") || [...NODE_ONLY].some((name) => from === name || from.startsWith(`${name}/`));

/** All that a file loads, through others too: each file with the import that led to it. */
function closureOf(start: string): Map<string, string> {
  const found = new Map([[start, ""]]);
  for (const file of found.keys()) {
    for (const one of imports.filter((each) => each.file === file && !each.typeOnly)) {
      const target = one.from.startsWith(".") ? targetOf(one) : one.from;
      if (!found.has(target)) found.set(target, file);
    }
  }
  return found;
}

const anywhere = sources.filter((path) => path.endsWith(".ts") && !isNode(path));

test("what runs anywhere reaches no module of Node's and nothing of src/node/, not even through others", () => {
  const found = anywhere.flatMap((file) =>
    [...closureOf(file)]
      .filter(([target]) => isNode(target) || isOfNode(target))
      .map(([target, through]) => `${file} reaches ${target} through ${through}`),
  );
  expect(found).toEqual([]);
});

test("types of what runs anywhere name nothing of src/node/ either", () => {
  const found = imports.filter(
    ({ file, from }) => !isNode(file) && (from.includes("/node/") || isOfNode(from)),
  );
  expect(found.map(show)).toEqual([]);
});

test("the closure is followed: Node's own reaches its modules, and a chain of imports is found", () => {
  expect([...closureOf("src/node/native/engines.ts").keys()]).toContain("node:fs");
  expect([...closureOf("src/train/loop.ts").keys()]).toContain("@tensorflow/tfjs-core");
});

test.each(importsTensorflow)("the exception for $path is still needed: $reason", ({ path }) => {
  expect(imports.some(({ file, from }) => file.startsWith(path) && from.startsWith("@tensorflow/"))).toBe(
    true,
  );
});

test("every encoding's file is listed in encodings/index.ts", () => {
  const index = textOf("src/encodings/index.ts");
  const names = encodingFiles();
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
