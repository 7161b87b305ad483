/**
 * Compiles tfjs-node's addon from the sources in its npm package. It uses Node-API only, so one
 * addon serves all versions of Node.
 *
 * On Linux it is linked against two empty libraries that carry TensorFlow's names: the linker needs
 * nothing but the names, and reading the real 850 MB takes it seven seconds.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { type Command, lastLine, runCommand } from "../../files/command.ts";
import { downloadWheel } from "../../files/pip.ts";
import { SetupError, type SetupProgress } from "../../files/progress.ts";
import { extractSmall, readEntries } from "../../files/unzip.ts";
import { OWN_SOURCES, RENAMED, VECTOR_SOURCES, vectorLevels } from "./own-sources.ts";
import { librariesIn, type Platform } from "./platforms.ts";

/** What one compilation reads and writes. */
export interface Compilation {
  readonly platform: Platform;
  /** Folder of the tfjs-node package. */
  readonly tfjsNode: string;
  /**
   * Folder of `include/` and, below it, of the TensorFlow libraries; the addon finds them there
   * when it is loaded.
   */
  readonly library: string;
  /** Empty folder for what is in between; the addon is written to it. */
  readonly workspace: string;
  readonly environment: NodeJS.ProcessEnv;
}

/**
 * Builds the addon with g++, clang++ or, on a machine without a compiler, with Zig's from the package index.
 *
 * @returns path of the addon in the workspace.
 * @throws SetupError with what each compiler said.
 */
export async function compileAddon(job: Compilation, progress: SetupProgress): Promise<string> {
  const reasons: string[] = [];
  for (const compiler of systemCompilers(job)) {
    if ((await runCommand([...compiler, "--version"], { env: job.environment })).code !== 0) continue;
    progress.step(`compiling the addon with ${compiler[0]}`);
    const addon = await build(compiler, job, reasons);
    if (addon !== undefined) return addon;
  }
  const zig = await fetchZig(job, progress, reasons);
  progress.step("compiling the addon with Zig, which builds its own C++ library first: this takes minutes");
  const addon = await build(zig, job, reasons);
  if (addon !== undefined) return addon;
  throw new SetupError(`the addon does not compile: ${reasons.join("; ")}`, "install another g++ or clang++");
}

function systemCompilers({ platform, environment }: Compilation): Command[] {
  const usual: Command[] = platform.id.startsWith("darwin") ? [["clang++"], ["g++"]] : [["g++"], ["clang++"]];
  return environment.CXX ? [[environment.CXX], ...usual] : usual;
}

async function build(compiler: Command, job: Compilation, reasons: string[]): Promise<string | undefined> {
  const addon = join(job.workspace, "tfjs_binding.node");
  const env = { ...job.environment, TMPDIR: job.workspace };
  for (const command of buildCommands(compiler, job, addon, await stubSource(job.workspace))) {
    const { code, output } = await runCommand(command, { cwd: job.tfjsNode, env });
    if (code !== 0) {
      reasons.push(
        `${compiler[0]}: ${output.split("\n").find((line) => /error/i.test(line)) ?? lastLine(output)}`,
      );
      return undefined;
    }
  }
  return addon;
}

/** How all of the addon is compiled. */
const CODE = ["-O2", "-std=c++17", "-fPIC"];

function buildCommands(compiler: Command, job: Compilation, addon: string, empty: string): Command[] {
  const { platform, library, workspace } = job;
  const binaries = join(library, librariesIn(platform));
  const nodeHeaders = createRequire(import.meta.url).resolve("node-api-headers/package.json");
  const common = [
    ...[...CODE, "-DNAPI_VERSION=8"],
    ...[`-I${join(dirname(nodeHeaders), "include")}`, "-I..", `-I${join(library, "include")}`],
    ...["binding/tfjs_backend.cc", "binding/tfjs_binding.cc", "-o", addon, `-Wl,-rpath,${binaries}`],
  ];
  if (platform.id.startsWith("darwin")) {
    const libraries = platform.libraries.map((name) => join(binaries, name));
    const flags = ["-bundle", "-undefined", "dynamic_lookup", "-mmacosx-version-min=12.0"];
    return [[...compiler, ...flags, ...common, ...libraries]];
  }
  const stubs = platform.libraries.map((name) => join(workspace, name));
  const stubCommands = platform.libraries.map((name, i): Command => {
    return [...compiler, "-shared", "-fPIC", empty, `-Wl,-soname,${name}`, "-o", stubs[i] as string];
  });
  const vectors = Object.entries(vectorLevels(platform.id, compiler.at(-1) === "c++")).flatMap(
    ([level, flags]) =>
      VECTOR_SOURCES.map((source) => {
        const object = join(workspace, `${basename(source, ".cc")}-${level}.o`);
        const how = ["-c", ...CODE, `-DLEVEL=${level}`, ...flags];
        const command: Command = [...compiler, ...how, source, "-o", object];
        return { object, command };
      }),
  );
  const objects = [...OWN_SOURCES, ...vectors.map(({ object }) => object)];
  return [
    ...stubCommands,
    ...vectors.map(({ command }) => command),
    // Without --no-as-needed the linker would drop libraries that define nothing.
    [...compiler, "-shared", "-pthread", ...RENAMED, ...common, ...objects, "-Wl,--no-as-needed", ...stubs],
  ];
}

async function stubSource(workspace: string): Promise<string> {
  const empty = join(workspace, "empty.cc");
  await writeFile(empty, "");
  return empty;
}

async function fetchZig(
  job: Compilation,
  progress: SetupProgress,
  reasons: readonly string[],
): Promise<Command> {
  const folder = join(job.workspace, "zig");
  await mkdir(folder);
  let wheel: string;
  try {
    wheel = await downloadWheel(job.platform.zig, folder, progress, job.environment);
  } catch (error) {
    const why = reasons.length > 0 ? reasons.join("; ") : "there is neither g++ nor clang++";
    const zig = error instanceof Error ? error.message.replace(/^setup: /, "").split(";")[0] : String(error);
    throw new SetupError(
      `the addon does not compile: ${why}, and ${zig}`,
      "install g++ (Debian: apt install g++)",
      {
        cause: error,
      },
    );
  }
  progress.step("unpacking the compiler");
  const entries = (await readEntries(wheel)).filter(
    ({ name }) => name.startsWith("ziglang/") && !name.endsWith("/"),
  );
  await extractSmall(wheel, entries, folder);
  job.environment.ZIG_GLOBAL_CACHE_DIR ??= folder;
  job.environment.ZIG_LOCAL_CACHE_DIR ??= folder;
  return [join(folder, "ziglang", "zig"), "c++"];
}
