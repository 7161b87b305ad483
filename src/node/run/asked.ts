/**
 * What a probe was asked, as one hash: of what probe, with which sizes and seed, about which files,
 * of which bytes of a model, by which code on which engine.
 *
 * The code counts because a probe that was mended answers something else under the same name. Threads do not.
 */
import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseConfig } from "../../config.ts";
import type { Scheme } from "../../model/positions.ts";
import type { Probe } from "../../probes/probe.ts";
import { readRegular } from "../files/regular.ts";
import { hashOf, readSums } from "../files/sums.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { listSteps, MODEL_FILES } from "./directory.ts";
import { readLog } from "./log.ts";
import { askedOf, canonicalJson } from "./names.ts";
import { OWN_OF_RUN, type Own } from "./own/index.ts";
import { readRunJson } from "./run-json.ts";
import type { UserFiles } from "./subject.ts";

/** What is asked of a model, and what else its answer hangs on. */
export interface Question {
  readonly checkpoint: Pick<Checkpoint, "path" | "run" | "preset">;
  readonly probe: Probe;
  /** Fields of the probe's own; those left out have its defaults. */
  readonly config: object;
  readonly seed: number;
  /** Engines sum in different orders. */
  readonly engine: string;
  /** Where the tokens of contexts stand; default 0, 1, 2, … */
  readonly scheme?: Scheme | undefined;
  /** Assignments that changed the model's policies. */
  readonly changes?: readonly string[] | undefined;
  /** Parts that are taken out of the model. */
  readonly ablate?: readonly string[] | undefined;
  /** Material that a person brought. */
  readonly files?: UserFiles | undefined;
  /** Definitions that are not listed. */
  readonly own?: Partial<Own> | undefined;
  /** SHA-256 of the text that the model was trained on, where that is known and no run says it. */
  readonly text?: string | undefined;
  /** SHA-256 of the file that the probe comes from, where it is not listed. */
  readonly probeFile?: string | undefined;
}

/** SHA-256, in hex. */
export async function askedHash(question: Question): Promise<string> {
  const { checkpoint, probe, config, seed, engine, files = {}, own, scheme, changes = [] } = question;
  const { path, run, preset } = checkpoint;
  const record = run === undefined ? undefined : readRunJson(run);
  return sha256(
    canonicalJson({
      probe: probe.name,
      probeFile: question.probeFile,
      config: parseConfig(probe.config, config, `probe ${probe.name}`),
      seed,
      engine,
      scheme: scheme?.kind === "contiguous" ? undefined : scheme,
      changes,
      ablate: question.ablate ?? [],
      files: await Promise.all([files.pairs, files.text].map(fileHash)),
      model: await modelHashes(path),
      preset: preset && askedOf(preset), // material and training are made from it
      text: record?.textSha256 ?? question.text,
      own: OWN_OF_RUN.map((kind) => record?.[kind]?.sha256 ?? own?.[kind]?.sha256),
      history: probe.needs.includes("history") && run !== undefined ? await historyHash(run) : undefined,
      code: codeHash(),
    }),
  );
}

/** Steps come and go while a run is trained on, and its best may stay. */
async function historyHash(run: string): Promise<object> {
  const steps = listSteps(run).map(async ({ step, path }) => [step, await modelHashes(path)]);
  const validations = readLog(run).filter(({ split }) => split === "validation");
  return {
    steps: await Promise.all(steps),
    validations: validations.map(({ step, loss }) => [step, loss]),
  };
}

/** A name counts too: rows tell it as their split. */
async function fileHash(path: string | undefined): Promise<object | undefined> {
  return path === undefined ? undefined : { name: basename(path), sha256: await hashOf(path) };
}

/**
 * What the files of a model are, by their hashes: those that its folder names, or, where it names
 * none, as Hugging Face's do not and those of earlier versions, those of its bytes.
 */
export async function modelHashes(path: string): Promise<Readonly<Record<string, string | undefined>>> {
  const sums = readSums(path);
  const hashes: Record<string, string | undefined> = {};
  if (sums !== undefined) {
    for (const file of [...MODEL_FILES, "tokenizer.json"]) hashes[file] = sums.get(file);
    const settings = sums.get("tokenizer_config.json");
    if (settings !== undefined) hashes["tokenizer_config.json"] = settings;
    return hashes;
  }
  for (const file of readdirSync(path).sort())
    if (/\.(json|txt|model|safetensors)$/.test(file)) hashes[file] = await hashOf(join(path, file));
  return hashes;
}

export const sha256 = (content: string | Uint8Array): string =>
  createHash("sha256").update(content).digest("hex");

/** The folders of this program that an answer comes from. */
const ANSWERING = ["tensor", "encodings", "data", "engine", "model", "formats", "probes", "node/native"];
const SOURCE = fileURLToPath(new URL("../../", import.meta.url));

let code: string | undefined;

/**
 * Of the files of those folders, by their names: read once, for they do not change under a running
 * program.
 */
export function codeHash(): string {
  code ??= sha256(canonicalJson(ANSWERING.map((folder) => filesOf(join(SOURCE, folder)))));
  return code;
}

function filesOf(folder: string): [name: string, hash: string][] {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
    /\.(ts|js|mjs|c)$/.test(name),
  );
  return names.sort().map((name) => [name.replaceAll("\\", "/"), sha256(readRegular(join(folder, name)))]);
}
