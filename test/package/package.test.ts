/**
 * The package as users get it: packed, installed with scripts in an empty project with empty caches,
 * and used on every Node that is supported. It downloads TensorFlow's library, so it runs where it
 * is asked for: `.ci/package`.
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { nodeBinary } from "../../scripts/test/node-binary.ts";
import { linkFolder } from "../../scripts/test/plain-copy.ts";
import { examples, ownProbe, resized } from "./programs.ts";

const ROOT = join(import.meta.dirname, "../..");
/** Beside the one that runs the tests. */
const OTHER_NODES = ["22.23.3", "24.21.0"];
const MOST = { files: 1400, packed: 1_200_000 };
const TOOL = { publint: "publint/src/cli.js", attw: "@arethetypeswrong/cli/dist/index.js" };

const folder = mkdtempSync(join(tmpdir(), "package-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Nothing of this user's: neither packages nor the native engine, nor what npm tells its scripts. */
const own = Object.entries(process.env).filter(([name]) => !/^npm_|^(NODE_OPTIONS|VITEST.*)$/i.test(name));
const environment: NodeJS.ProcessEnv = {
  ...Object.fromEntries(own),
  XDG_CACHE_HOME: join(folder, "cache"),
  npm_config_cache: join(folder, "npm"),
  npm_config_prefer_offline: "true",
};

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(program: string, args: readonly string[], cwd: string, env = environment): Ran {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, env, encoding: "utf8" });
  return { code: status, stdout, stderr };
}

/** @returns what it wrote to stdout */
function runs(...[program, args, cwd, env]: Parameters<typeof run>): string {
  const { code, stdout, stderr } = run(program, args, cwd, env);
  expect(code, `${program} ${args.join(" ")}\n${stdout}\n${stderr}`).toBe(0);
  return stdout;
}

const SMALL = ["model.layers=1", "model.width=8", "model.heads=2", "train.batch=4", "train.evalBatches=1"];

describe.skipIf(process.env.WHEREABOUTS_PACKAGE === undefined)("the package", () => {
  let tarball: string;
  const user = join(folder, `on-${process.versions.node}`); // the project on this Node

  /** A project that has it installed: on this Node from nothing, then linked and checked by that Node's npm. */
  const install = (project: string, env: NodeJS.ProcessEnv) => {
    const npm = (...args: string[]) => runs("npm", ["install", "--engine-strict", ...args], project, env);
    if (project === user) {
      npm(tarball, "--ignore-scripts=false");
      return;
    }
    linkFolder(installed, project);
    expect(npm("--offline", "--no-audit", "--no-fund")).toMatch(/^up to date/m);
  };

  const installed = join(folder, "installed"); // as it was before anything ran in it

  beforeAll(() => {
    const printed = runs(process.execPath, ["scripts/whereabouts.mjs", "pack", "--out", folder], ROOT);
    tarball = printed.trim();
    mkdirSync(user);
    writeFileSync(join(user, "package.json"), '{ "name": "empty", "version": "1.0.0", "type": "module" }\n');
    install(user, environment);
    linkFolder(user, installed);
  }, 600_000);

  test("it holds what is built, presets and the list of corpora, and nothing of tests, benches or pages", () => {
    const files = runs("tar", ["-tzf", tarball], folder).trim().split("\n");
    const strange = files.filter(
      (file) => !/^package\/(dist\/(src|scripts)|models|data)\/|^package\/[^/]+$/.test(file),
    );
    expect(strange).toEqual([]);
    expect(files.filter((file) => /\.ts$/.test(file) && !/\.d\.ts$/.test(file))).toEqual([]);
    expect(files.filter((file) => /test|bench|docs|peers|playground\/|\.py$|\.tgz$/.test(file))).toEqual([]);
    expect(files).toEqual(
      expect.arrayContaining(
        ["LICENSE", "README.md", "models/rope.json", "dist/src/index.d.ts", "data/MANIFEST.json"].map(
          (file) => `package/${file}`,
        ),
      ),
    );
    expect(files.length).toBeLessThan(MOST.files);
    expect(readFileSync(tarball).length).toBeLessThan(MOST.packed);
  });

  test("publint and are-the-types-wrong find nothing", { timeout: 300_000 }, () => {
    const tools = join(folder, "tools");
    cpSync(join(import.meta.dirname, "tools"), tools, { recursive: true });
    runs("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], tools);
    const tool = (name: keyof typeof TOOL, ...args: string[]) =>
      runs(process.execPath, [join(tools, "node_modules", TOOL[name]), tarball, ...args], tools);
    expect(tool("publint", "--strict")).toMatch(/All good/);
    const types = tool("attw", "--profile", "esm-only", "--no-emoji", "--format", "ascii"); // it fails where it finds any
    expect(types.match(/^(node16 \(from ESM\)|bundler): OK/gm)).toHaveLength(2 * 3);
  });

  test("TypeDoc writes the pages of both entries and warns of nothing", { timeout: 300_000 }, () => {
    const pages = join(folder, "pages");
    const docs = ["scripts/whereabouts.mjs", "docs", "--no-build", "--out", pages];
    expect(runs(process.execPath, docs, ROOT).trim()).toBe(join(pages, "index.html"));
    const listed = ["whereabouts.html", "whereabouts_node.html"].map((name) =>
      readFileSync(join(pages, "modules", name), "utf8"),
    );
    expect(listed[0]).toMatch(/createModel/);
    expect(listed[1]).toMatch(/runTraining/);
  });

  const nodes = [process.versions.node, ...OTHER_NODES];
  test.each(nodes)(
    "on Node %s it installs with scripts, sets up, trains and probes",
    { timeout: 600_000 },
    async (version) => {
      const node = version === process.versions.node ? process.execPath : await nodeBinary(version);
      const env = { ...environment, PATH: `${dirname(node)}${delimiter}${process.env.PATH}` };
      const project = join(folder, `on-${version}`);
      const npx = (...args: string[]) => runs("npx", ["whereabouts", ...args], project, env);
      const bin = join("node_modules", ".bin", "whereabouts"); // what npx starts, without a second of npm's
      const command = (...args: string[]) => runs(bin, args, project, env);
      expect(runs("node", ["--version"], folder, env).trim()).toBe(`v${version}`);
      if (project !== user) install(project, env);
      expect(npx("setup")).toMatch(/^native: TensorFlow .* in .*package-/m);
      expect(command("doctor")).toMatch(/^native +starts in \d+ ms: TensorFlow/m);
      const set = [...SMALL, "train.steps=4"].flatMap((change) => ["--set", change]);
      const preset = "node_modules/whereabouts/models/rope.json";
      expect(command("train", preset, "--engine", "native", "--out", "run", ...set)).toBe("run\n");
      writeFileSync(join(project, "mine.ts"), ownProbe());
      const probes = ["--probe", "frequencies,./mine.ts", "--json"];
      const rows: { metric: string }[] = JSON.parse(command("probe", "run", "--engine", "native", ...probes));
      expect(rows.filter(({ metric }) => metric === "next_token_entropy").length).toBeGreaterThan(1);
      expect(rows.filter(({ metric }) => metric !== "next_token_entropy").length).toBeGreaterThan(1);
      expect(readdirSync(join(project, "run"))).toEqual(expect.arrayContaining(["run.json", "step-000004"]));
      const fewer = project === user ? {} : { "steps: 20": "steps: 3", "examples: 8": "examples: 2" };
      writeFileSync(join(project, "pure.js"), resized(examples[0] ?? "", fewer));
      expect(runs("node", ["pure.js"], project, env)).toMatch(/^swap_accuracy [\d.]+$/m);
    },
  );

  test("the README's programs are TypeScript too, strict, under node16 and bundler; that of Node runs", {
    timeout: 300_000,
  }, () => {
    expect(examples).toHaveLength(2);
    for (const [i, code] of examples.entries()) writeFileSync(join(user, `example-${i}.ts`), code);
    const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
    const common = ["--ignoreConfig", "--noEmit", "--strict", "--target", "es2022"];
    for (const [resolution, module] of [
      ["node16", "node16"],
      ["bundler", "esnext"],
    ] as const) {
      const options = ["--module", module, "--moduleResolution", resolution, "example-0.ts", "example-1.ts"];
      runs(process.execPath, [tsc, ...common, "--types", "", "--skipLibCheck", ...options], user);
      if (resolution !== "node16") continue; // the stricter of the two, for what attw has not looked at
      // Types of other packages have errors of their own; those of this one, with Node's, have none.
      const types = ["--types", "node", "--typeRoots", join(ROOT, "node_modules/@types")];
      const { stdout } = run(process.execPath, [tsc, ...common, ...types, ...options], user);
      expect(stdout.split("\n").filter((line) => /^(example|node_modules\/whereabouts)/.test(line))).toEqual(
        [],
      );
    }
    const layers = '"model.layers=1"';
    const small = SMALL.map((change) => JSON.stringify(change)).join(", ");
    writeFileSync(join(user, "node.js"), resized(examples[1] ?? "", { [layers]: small }));
    expect(runs(process.execPath, ["node.js"], user)).toMatch(/^swap_accuracy [\d.]+ accuracy$/m);
  });

  test("Vite builds the pure entry without a module of Node's", { timeout: 300_000 }, () => {
    writeFileSync(
      join(user, "index.html"),
      '<!doctype html><script type="module" src="/pure.js"></script>\n',
    );
    writeFileSync(join(user, "vite.config.js"), "export default { build: { modulePreload: false } };\n");
    const { code, stdout, stderr } = run(
      process.execPath,
      [join(ROOT, "node_modules/vite/bin/vite.js"), "build"],
      user,
    );
    expect(code, stderr).toBe(0);
    expect(stdout + stderr).not.toMatch(/externalized for browser/);
    const assets = join(user, "dist", "assets");
    const entry = readdirSync(assets).find((name) => /^index-.*\.js$/.test(name)) ?? expect.fail("no entry");
    expect(readFileSync(join(assets, entry), "utf8")).not.toMatch(/from"node:|require\("node:/);
  });
});
