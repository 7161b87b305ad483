/** The files of a folder that was chosen or dropped: those of a model, at its top. */

type Files = ReadonlyMap<string, Uint8Array>;

/** What a model's folder may have; other files are left where they are. */
const READ =
  /^(config|tokenizer|tokenizer_config|run)\.json$|\.safetensors$|^model\.safetensors\.index\.json$/;
/** A page has no room for more. */
const MOST_BYTES = 2 ** 30;

/** Of an `<input webkitdirectory>`. @throws Error where they are too large */
export const filesOfInput = (files: FileList): Promise<Files> => read([...files]);

/** Of what was dropped: a folder, or the files themselves. @throws Error where they are too large */
export async function filesOfDrop(dropped: DataTransfer): Promise<Files> {
  const entries = [...dropped.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  const files: File[] = [];
  for (const entry of entries) {
    const here = entry.isDirectory ? await entriesOf(entry as FileSystemDirectoryEntry) : [entry];
    for (const one of here) if (one.isFile) files.push(await fileOf(one as FileSystemFileEntry));
  }
  return read(entries.length > 0 ? files : [...dropped.files]);
}

async function read(files: readonly File[]): Promise<Files> {
  const wanted = files.filter(({ name }) => READ.test(name) && name !== "state.safetensors");
  const bytes = wanted.reduce((sum, { size }) => sum + size, 0);
  if (bytes > MOST_BYTES)
    throw new Error(`your folder: ${bytes} bytes are more than a page can hold; use npm run probe`);
  const pairs = wanted.map(async (file) => [file.name, new Uint8Array(await file.arrayBuffer())] as const);
  return new Map(await Promise.all(pairs));
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
