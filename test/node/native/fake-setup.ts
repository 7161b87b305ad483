/**
 * A set-up in miniature for tests: a wheel made here with two libraries that hold nothing, an addon
 * that only says that it was loaded, and the real pip and compiler. Nothing comes from a network.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Wheel } from "../../../src/node/files/pip.ts";
import type { NativeEngine, SetupOptions } from "../../../src/node/native/setup/index.ts";
import { type CudaWheel, HEADERS, type Platform } from "../../../src/node/native/setup/platforms.ts";
import { makeZip } from "../files/zip.ts";

/**
 * Python and g++ of this machine; without them, and elsewhere than on Linux, a set-up cannot be
 * played through.
 */
export const TOOLS = {
  python: spawnSync("python3", ["-c", "import sys, pip; print(sys.executable)"], {
    encoding: "utf8",
  }).stdout?.trim(),
  compiler: process.platform === "linux" && spawnSync("g++", ["--version"]).status === 0 ? "g++" : undefined,
};

const UNREACHABLE = "http://127.0.0.1:9/simple"; // the discard port: nobody listens

/** Folders and options of one miniature set-up. */
export interface FakeSetup {
  readonly folder: string;
  readonly options: Required<Omit<SetupOptions, "progress" | "signal" | "thorough">>;
  /** Environment in which only the index can be asked, and it does not answer. */
  readonly offline: NodeJS.ProcessEnv;
}

/**
 * Builds the wheels and a package folder in a new temporary folder; for native-gpu also a wheel
 * that stands for NVIDIA's.
 */
export function makeFakeSetup(
  engine: NativeEngine = "native",
  folder: string = mkdtempSync(join(tmpdir(), "setup-")),
): FakeSetup {
  const libraries = ["libfake_cc.so.2", "libfake_framework.so.2"] as const;
  const index = join(folder, "index");
  mkdirSync(index, { recursive: true });
  const platform: Platform = {
    id: "linux-fake",
    engine,
    wheel: writeWheel(index, "fake-tensorflow", {
      ...Object.fromEntries(libraries.map((name) => [`tensorflow/${name}`, emptyLibrary(folder, name)])),
      ...Object.fromEntries(HEADERS.map((name) => [`tensorflow/include/${name}`, "// nothing"])),
    }),
    libraries,
    libraryBytes: 1e6,
    zig: { requirement: "nothing-like-it==1.0.0", sha256: "0".repeat(64), tag: "any", bytes: 1e6 },
    tried: "a test",
    ...(engine === "native-gpu" && { cuda: [fakeCuda(index)] }),
  };
  const tfjsNode = join(folder, "clone", "node_modules", "tfjs-node");
  writePackage(tfjsNode);
  const offline = {
    ...process.env,
    PIP_FIND_LINKS: "",
    PIP_INDEX_URL: UNREACHABLE,
    PIP_CONFIG_FILE: "/dev/null",
  };
  const environment = { ...offline, PIP_FIND_LINKS: index, PIP_NO_INDEX: "1" };
  return {
    folder,
    offline,
    options: { engine, platform, cache: join(folder, "cache"), tfjsNode, environment },
  };
}

function fakeCuda(index: string): CudaWheel {
  const members = ["part/lib/libpart.so.1", "part/bin/tool"];
  const content = Object.fromEntries(
    [...members, "part/include/part.h"].map((name) => [`nvidia/${name}`, name]),
  );
  return { ...writeWheel(index, "fake-part", content), members };
}

function emptyLibrary(folder: string, name: string): Buffer {
  const source = join(folder, "empty.cc");
  const library = join(folder, name);
  writeFileSync(source, "");
  if (TOOLS.compiler)
    spawnSync(TOOLS.compiler, ["-shared", "-fPIC", source, `-Wl,-soname,${name}`, "-o", library]);
  return TOOLS.compiler ? readFileSync(library) : Buffer.from(name);
}

function writeWheel(index: string, name: string, members: Record<string, string | Buffer>): Wheel {
  const file = `${name.replaceAll("-", "_")}-1.0.0`;
  const info = `${file}.dist-info`;
  const content = makeZip({
    ...members,
    [`${info}/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: 1.0.0\n`,
    [`${info}/WHEEL`]: "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    [`${info}/RECORD`]: "",
  });
  writeFileSync(join(index, `${file}-py3-none-any.whl`), content);
  const sha256 = createHash("sha256").update(content).digest("hex");
  return { requirement: `${name}==1.0.0`, sha256, tag: "manylinux_2_27_x86_64", bytes: content.length };
}

/** A package folder with sources that compile and load, as a clone has it before its set-up. */
export function writePackage(tfjsNode: string): void {
  mkdirSync(join(tfjsNode, "binding"), { recursive: true });
  writeFileSync(
    join(tfjsNode, "binding", "tfjs_backend.h"),
    "#include <node_api.h>\n#include <tensorflow/c/c_api.h>\n",
  );
  writeFileSync(join(tfjsNode, "binding", "tfjs_backend.cc"), '#include "tfjs_backend.h"\n');
  const addon = '#include "tfjs_backend.h"\nNAPI_MODULE_INIT() { return exports; }\n';
  writeFileSync(join(tfjsNode, "binding", "tfjs_binding.cc"), addon);
}

/** A folder for PATH that holds only the shell scripts given, by name. */
export function pathOf(folder: string, scripts: Readonly<Record<string, string>>): string {
  const path = mkdtempSync(join(folder, "path-"));
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(join(path, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(path, name), 0o755);
  }
  return path;
}

/**
 * A shell script that stands for pip: it hands out the wheel of this set-up from a folder, and for
 * any other package says what the real one says without a connection.
 */
export function fakePip({ folder }: FakeSetup): string {
  return [
    `for word; do case "$word" in --dest=*) dest=\${word#--dest=};; esac; done`,
    '[ -n "$dest" ] || exit 0',
    `/bin/grep -q fake-tensorflow "$dest/requirements.txt" && exec /bin/cp ${folder}/index/*.whl "$dest"`,
    'echo "Retrying: Connection refused" >&2; exit 1',
  ].join("\n");
}
