/** The sources that are compiled into the addon beside tfjs-node's own. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const inAddon = (name: string) => fileURLToPath(new URL(`../addon/${name}`, import.meta.url));

/** What the addon does beside tfjs-node's; see the files. Not on macOS, where they were never run. */
export const OWN_SOURCES = [
  "quiet.cc",
  "memory.cc",
  "sessions.cc",
  "float32.cc",
  "levels.cc",
  "calls.cc",
  "rowwise-calls.cc",
  "register.cc",
].map(inAddon);

/** Functions of TensorFlow's that are called through ours. */
export const RENAMED = ["TF_NewSessionOptions"].map((name) => `-D${name}=whereabouts_${name.slice(3)}`);

/** Those that are compiled for each width of vectors that the processors of a platform may have. */
export const VECTOR_SOURCES = ["attention.cc", "rowwise.cc"].map(inAddon);

/** The compiler's flags for each width, by its name in `LEVEL`. @param zig whether it is Zig's */
export function vectorLevels(platform: string, zig: boolean): Readonly<Record<string, readonly string[]>> {
  if (!platform.endsWith("x64")) return { base: [] };
  // What "f" stands for includes vectors of 512 bits to other compilers.
  const avx512 = ["-mavx512f", "-mfma", ...(zig ? ["-mevex512"] : [])];
  return { base: [], avx2: ["-mavx2", "-mfma"], avx512 };
}

/** All that the addon is made of, headers too, for its key. */
export const OWN_FILES = readdirSync(inAddon("")).sort().map(inAddon);

/** Changes with the sources: an addon of another key is to be built anew. */
export function ownSourcesKey(): string {
  const hash = createHash("sha256");
  for (const path of OWN_FILES) hash.update(readFileSync(path));
  return hash.digest("hex").slice(0, 16);
}
