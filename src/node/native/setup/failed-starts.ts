/**
 * Starts of an engine that did not end well: a signal ends the process, which can then tell nobody.
 * So each start puts down a file and takes it away; one whose process is gone is of a start that
 * failed, and the next looks at every byte first.
 */
import { randomUUID } from "node:crypto";
import { readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { cacheFolder } from "../../files/cache.ts";
import { makeFolder } from "../../files/make-folder.mjs";
import { judge, processIdentity } from "../../files/process-identity.mjs";
import type { NativeEngine } from "../../files/progress.ts";
import { readRegularText } from "../../files/regular.ts";

/** No start takes longer. */
const LONGEST_MS = 600_000;

const identity = z.object({
  pid: z.int().positive(),
  host: z.string(),
  boot: z.string().optional(),
  namespace: z.string().optional(),
  processStart: z.string().optional(),
});

const prefixOf = (engine: NativeEngine) => `starting-${engine}-`;

/** Notes that a start begins; the function returned, that it has ended well. */
export function beginStart(engine: NativeEngine): () => void {
  const path = quietly(() => {
    const folder = cacheFolder();
    makeFolder(folder);
    const file = join(folder, `${prefixOf(engine)}${randomUUID()}.json`);
    writeFileSync(file, JSON.stringify(processIdentity()));
    return file;
  });
  return () => quietly(() => path !== undefined && rmSync(path, { force: true }));
}

/** Whether a start has failed since the engine was last found whole. */
export const hasFailedStart = (engine: NativeEngine): boolean => failedStarts(engine).length > 0;

/** The engine was found whole, or was made anew. */
export function forgetFailedStarts(engine: NativeEngine): void {
  for (const path of failedStarts(engine)) quietly(() => rmSync(path, { force: true }));
}

function failedStarts(engine: NativeEngine): string[] {
  return (
    quietly(() => {
      const folder = cacheFolder();
      const names = readdirSync(folder).filter((name) => name.startsWith(prefixOf(engine)));
      return names.map((name) => join(folder, name)).filter(hasEnded);
    }) ?? []
  );
}

function hasEnded(path: string): boolean {
  const began = quietly(() => statSync(path).mtimeMs);
  if (began === undefined) return false; // taken away meanwhile
  const process = quietly(() => identity.parse(JSON.parse(readRegularText(path))));
  const state = process === undefined ? "dead" : judge(process, began);
  return state === "dead" || (state === "elsewhere" && began < Date.now() - LONGEST_MS);
}

/** A cache that fails is no reason not to start. */
function quietly<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}
