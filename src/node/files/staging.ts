/**
 * Where a file or folder is made before it has its name, so that it appears whole or not at all.
 *
 *     step-000500.4f0c….tmp/              beside the name, and on its file system: a rename there is atomic
 *         whereabouts-4f0c…               what is made, under a name that repeats the random part
 *
 * What a crash leaves is known by what is inside, not by the name: a folder `….tmp` of somebody
 * else has no such entry, or has others beside it, and is never touched. Each writer has a staging
 * of its own, so none disturbs another.
 */
import { randomBytes } from "node:crypto";
import { readdirSync, rmdirSync, rmSync } from "node:fs";
import { mkdir, rename, rm, rmdir } from "node:fs/promises";
import { basename, join } from "node:path";

/** Ending of names that are not finished. */
const STAGING = ".tmp";

const NAME = new RegExp(`\\.([0-9a-f]{16})\\${STAGING}$`);
const inner = (token: string) => `whereabouts-${token}`;

export interface Staging {
  /** Path of what is to be made: a file or a folder that is not there yet. */
  readonly path: string;
  /** Removes what is still staged. */
  close(): Promise<void>;
}

/** Makes a staging beside a path whose folder is there. */
export async function openStaging(target: string): Promise<Staging> {
  const token = randomBytes(8).toString("hex");
  const folder = `${target}.${token}${STAGING}`;
  await mkdir(folder);
  const path = join(folder, inner(token));
  return {
    path,
    close: async () => {
      await rm(path, { recursive: true, force: true });
      await rmdir(folder);
    },
  };
}

/** Removes a folder: at once, by a rename, and then from the disk. A crash between leaves a staging. */
export async function removeWhole(path: string): Promise<void> {
  const staging = await openStaging(path);
  try {
    await rename(path, staging.path);
  } finally {
    await staging.close();
  }
}

/** Removes what crashes left in a folder; for the only writer of the folder. */
export function removeLeftovers(dir: string, names: readonly string[]): void {
  for (const name of names) {
    const token = NAME.exec(name)?.[1];
    if (token === undefined || !isOurs(join(dir, name), token)) continue;
    rmSync(join(dir, name, inner(token)), { recursive: true, force: true });
    rmdirSync(join(dir, name)); // refuses, should anything else have come
  }
}

/** Whether a name in a folder is a staging, or what is left of one. */
export function isStaging(path: string): boolean {
  const token = NAME.exec(basename(path))?.[1];
  return token !== undefined && isOurs(path, token);
}

/** Empty, when the crash came before the inner folder or after the rename. */
function isOurs(folder: string, token: string): boolean {
  try {
    return readdirSync(folder).every((name) => name === inner(token));
  } catch {
    return false; // a file, or not to be read
  }
}
