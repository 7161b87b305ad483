/**
 * What a probe was asked, as one hash: of what probe, with which sizes and seed, of which bytes of a model, by which code on which engine.
 *
 * The code counts because a probe that was mended answers something else under the same name. Threads do not.
 */
import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseConfig } from "../../config.ts";
import type { Probe } from "../../probes/probe.ts";
import { readRegular } from "../files/regular.ts";
import { readSums } from "../files/sums.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { MODEL_FILES } from "./directory.ts";
import { askedOf, canonicalJson } from "./names.ts";
import { OWN_OF_RUN } from "./own/index.ts";
import { readRunJson } from "./run-json.ts";

export interface Question {
  readonly checkpoint: Checkpoint;
  readonly probe: Probe;
  /** Fields of the probe's own; those left out have its defaults. */
  readonly config: object;
  readonly seed: number;
  /** Engines sum in different orders. */
  readonly engine: string;
}

/** SHA-256, in hex; undefined for a model of an earlier version, whose files have no hashes. */
export function askedHash({ checkpoint, probe, config, seed, engine }: Question): string | undefined {
  const { path, run, preset } = checkpoint;
  const sums = readSums(path);
  if (sums === undefined) return undefined;
  const record = run === undefined ? undefined : readRunJson(run);
  return sha256(
    canonicalJson({
      probe: probe.name,
      config: parseConfig(probe.config, config, `probe ${probe.name}`),
      seed,
      engine,
      model: [...MODEL_FILES, "tokenizer.json"].map((file) => sums.get(file)),
      preset: preset && askedOf(preset), // material and training are made from it
      text: record?.textSha256,
      own: OWN_OF_RUN.map((kind) => record?.[kind]?.sha256),
      code: codeHash(),
    }),
  );
}

export const sha256 = (content: string | Uint8Array): string =>
  createHash("sha256").update(content).digest("hex");

/** The folders of this program that an answer comes from. */
const ANSWERING = ["tensor", "encodings", "data", "engine", "model", "probes", "node/native"];
const SOURCE = fileURLToPath(new URL("../../", import.meta.url));

let code: string | undefined;

/** Of the files of those folders, by their names: read once, for they do not change under a running program. */
function codeHash(): string {
  code ??= sha256(canonicalJson(ANSWERING.map((folder) => filesOf(join(SOURCE, folder)))));
  return code;
}

function filesOf(folder: string): [name: string, hash: string][] {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
    /\.(ts|js|mjs|c)$/.test(name),
  );
  return names.sort().map((name) => [name.replaceAll("\\", "/"), sha256(readRegular(join(folder, name)))]);
}
