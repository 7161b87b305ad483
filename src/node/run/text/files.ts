/** The files of a text: of a folder and what is below it, each once, however many names it has. */
import { type BigIntStats, type Dirent, readdirSync, realpathSync, statSync } from "node:fs";
import { join, sep } from "node:path";
import { isRunFolder } from "../run-folder.ts";
import { attempt } from "./read.ts";
import { turns } from "./turns.ts";

export interface TextFile {
  /** From the folder given, with slashes: what is hashed must be equal on every machine. */
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
}

interface Named {
  readonly name: string;
  readonly path: string;
}

/**
 * The regular files of a folder and below, by name, or the file itself. Names that begin with a dot
 * are left out.
 *
 * A file or folder that was met under another name is not taken again, and a name that is no link
 * is preferred: a link that is added to what is there changes nothing. Runs are no text: what a
 * training writes beside its text is left out. A link to a folder that holds the folder given is
 * not followed.
 */
export async function listFiles(path: string, signal?: AbortSignal): Promise<TextFile[]> {
  const status = statusOf(path);
  if (!status.isDirectory()) return [{ name: "", path, bytes: Number(status.size) }];
  const root = attempt(path, () => realpathSync(path));
  const turn = turns(signal);
  const isNew = firstTime();
  isNew(path, status);
  const files: TextFile[] = [];
  let links: Named[] = [];
  const take = ({ name, path: file }: Named, found: BigIntStats) => {
    if (isNew(file, found)) files.push({ name, path: file, bytes: Number(found.size) });
  };
  const walk = async (start: Named) => {
    const folders = [start];
    for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
      for (const { entry, ...named } of entriesOf(folder)) {
        await turn();
        if (entry.isSymbolicLink()) links.push(named);
        else if (entry.isDirectory()) {
          if (!isRunFolder(named.path) && isNew(named.path, statusOf(named.path))) folders.push(named);
        } else if (entry.isFile()) take(named, statusOf(named.path));
      }
    }
  };
  await walk({ name: "", path });
  while (links.length > 0) {
    const here = links.sort(byName);
    links = [];
    for (const link of here) {
      await turn();
      if (
        holds(
          attempt(link.path, () => realpathSync(link.path)),
          root,
        )
      )
        continue;
      const target = statusOf(link.path);
      if (target.isFile()) take(link, target);
      else if (target.isDirectory() && !isRunFolder(link.path) && isNew(link.path, target)) await walk(link);
    }
  }
  return files.sort(byName);
}

const statusOf = (path: string): BigIntStats => attempt(path, () => statSync(path, { bigint: true }));

const byName = (a: Named, b: Named) => (a.name < b.name ? -1 : 1);

/** What is in a folder, in an order that does not depend on the file system. */
function entriesOf(folder: Named): (Named & { entry: Dirent })[] {
  return attempt(folder.path, () => readdirSync(folder.path, { withFileTypes: true }))
    .filter((entry) => !entry.name.startsWith("."))
    .map((entry) => {
      const own = entry.name.replaceAll("\\", "/");
      const name = folder.name === "" ? own : `${folder.name}/${own}`;
      return { entry, name, path: join(folder.path, entry.name) };
    })
    .sort(byName);
}

/**
 * Whether a file or folder is met for the first time; some file systems number none, and then its
 * real path tells.
 */
function firstTime(): (path: string, status: BigIntStats) => boolean {
  const met = new Set<string>();
  return (path, { dev, ino }) => {
    const identity = ino === 0n ? attempt(path, () => realpathSync(path)) : `${dev} ${ino}`;
    if (met.has(identity)) return false;
    met.add(identity);
    return true;
  };
}

const holds = (folder: string, inner: string) =>
  inner === folder || inner.startsWith(folder.endsWith(sep) ? folder : folder + sep);
