/** Finds the build of TensorFlow that this machine can use. */

import { type NativeEngine, SetupError } from "../../files/progress.ts";
import { GPU_PLATFORMS } from "./cuda.ts";
import { PLATFORMS, type Platform } from "./platforms.ts";

/** This machine, as far as the choice of a wheel depends on it. */
export interface Machine {
  readonly platform: string;
  readonly arch: string;
  /** Version of glibc, undefined where there is none (musl, macOS). */
  readonly glibc?: string | undefined;
}

/**
 * The entry of an engine's table for a machine.
 *
 * @throws SetupError when TensorFlow has no library for it.
 */
export function platformFor(engine: NativeEngine, machine: Machine = thisMachine()): Platform {
  const id = `${machine.platform}-${machine.arch}`;
  const platforms = platformsOf(engine);
  const found = platforms.find((platform) => platform.id === id);
  const library = engine === "native" ? "TensorFlow library" : "CUDA build of TensorFlow";
  const fail = (reason: string, remedy: string) => new SetupError(reason, remedy, { engine });
  if (found === undefined) {
    const known = platforms.map((platform) => platform.id).join(", ");
    throw fail(`no ${library} for ${id}`, `use ${platforms.length > 1 ? "one of " : ""}${known}`);
  }
  if (machine.platform !== "linux") return found;
  if (machine.glibc === undefined) {
    throw fail(`no ${library} for ${id} without glibc`, "use a distribution with glibc 2.27 or newer");
  }
  const [major = 0, minor = 0] = machine.glibc.split(".").map(Number);
  if (major < 2 || (major === 2 && minor < 27)) {
    throw fail(`glibc is ${machine.glibc}, TensorFlow needs 2.27`, "use a newer distribution");
  }
  return found;
}

/** All platforms of an engine. */
export const platformsOf = (engine: NativeEngine): readonly Platform[] =>
  engine === "native" ? PLATFORMS : GPU_PLATFORMS;

/** The machine that this process runs on. */
export function thisMachine(): Machine {
  if (process.platform !== "linux") return { platform: process.platform, arch: process.arch };
  // Node's own report names the C library it runs on; types of `header` are left open by @types/node.
  const report = process.report?.getReport() as unknown as { header?: { glibcVersionRuntime?: string } };
  return { platform: "linux", arch: process.arch, glibc: report.header?.glibcVersionRuntime };
}
