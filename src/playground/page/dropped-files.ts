/** The files of a folder that was chosen or dropped: those of the model in it. */
import { InputError } from "../../errors.ts";
import { count } from "../../figures/format.ts";
import { folderOf, modelFolder } from "../model-folder.ts";

/** What was given of a model. */
export interface GivenModel {
  /** Of its folder; "" where files were given alone. */
  readonly name: string;
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** What a person should know of what was taken. */
  readonly notes: readonly string[];
}

interface Given {
  /** Below what was chosen or dropped, with slashes. */
  readonly path: string;
  open(): Promise<File>;
}

/** What a model's folder may have; other files are left where they are. */
const READ =
  /^(config|tokenizer|tokenizer_config)\.json$|\.safetensors$|^model\.safetensors\.index\.json$|^SHA256SUMS$/;
/** What the optimizer keeps. */
const UNREAD = "state.safetensors";
/** A page has no room for more. */
const MOST_BYTES = 2 ** 30;
/** A log of more is of a run whose steps a person chooses among. */
const MOST_LOG_BYTES = 2 ** 24;
/** Of a folder that is walked through: runs have some dozens. */
const MOST_FILES = 5000;
const MOST_DEPTH = 4;

/** Of an `<input webkitdirectory>`. @throws Error that says why they are no model */
export const filesOfInput = (files: FileList): Promise<GivenModel> =>
  read([...files].map((file) => ({ path: file.webkitRelativePath || file.name, open: async () => file })));

/** Of what was dropped: a folder, or the files themselves. @throws Error that says why they are no model */
export async function filesOfDrop(dropped: DataTransfer): Promise<GivenModel> {
  const plain = [...dropped.files]; // of another turn of the event loop it is empty
  const entries = [...dropped.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  if (entries.length === 0) return read(plain.map((file) => ({ path: file.name, open: async () => file })));
  const given: Given[] = [];
  for (const entry of entries) await walk(entry, 0, given);
  return read(given);
}

async function read(given: readonly Given[]): Promise<GivenModel> {
  const opened = new Map(given.map((one) => [one.path, one]));
  const openAt = (path: string) => (opened.get(path) as Given).open();
  const { folder, notes } = await modelFolder([...opened.keys()], async (path) => {
    const log = await openAt(path);
    return log.size > MOST_LOG_BYTES ? "" : log.text();
  });
  const wanted = given.filter(({ path }) => folderOf(path) === folder && isRead(path.slice(folder.length)));
  const files = await Promise.all(wanted.map((one) => one.open()));
  const size = files.reduce((sum, one) => sum + one.size, 0);
  if (size > MOST_BYTES)
    throw new InputError(
      `your folder: ${megabytes(size)}, and a page holds ${megabytes(MOST_BYTES)}; ask it with npm run -s probe -- FOLDER`,
    );
  const pairs = files.map(async (file) => [file.name, new Uint8Array(await file.arrayBuffer())] as const);
  return { name: folder.slice(folder.lastIndexOf("/") + 1), files: new Map(await Promise.all(pairs)), notes };
}

const megabytes = (bytes: number) => `${count(bytes / 1e6)} MB`;

const isRead = (path: string): boolean => {
  const name = path.replace(/^\//, "");
  return READ.test(name) && name !== UNREAD;
};

async function walk(entry: FileSystemEntry, depth: number, given: Given[]): Promise<void> {
  if (given.length >= MOST_FILES)
    throw new InputError(
      `your folder: holds more than ${count(MOST_FILES)} files; give the folder of the model itself`,
    );
  const path = entry.fullPath.replace(/^\//, "");
  if (entry.isFile) given.push({ path, open: () => fileOf(entry as FileSystemFileEntry) });
  else if (depth < MOST_DEPTH)
    for (const one of await entriesOf(entry as FileSystemDirectoryEntry)) await walk(one, depth + 1, given);
}

const fileOf = (entry: FileSystemFileEntry) =>
  new Promise<File>((resolve, reject) => entry.file(resolve, reject));

/** A reader gives some at a time, and none at the end. */
async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return all;
    all.push(...some);
  }
}
