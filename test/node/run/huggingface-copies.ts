/** Copies of the golden folders of Hugging Face's models, with something changed. */
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeSafetensors, type StoredTensor } from "../../../src/formats/safetensors.ts";
import { readSafetensors } from "../../../src/node/run/safetensors-file.ts";

export const GOLDENS = join(import.meta.dirname, "..", "..", "goldens", "huggingface");

export type Tensors = Record<string, StoredTensor>;

export function copyOf(folder: string, name: string): string {
  const copy = mkdtempSync(join(folder, `${name}-`));
  cpSync(join(GOLDENS, name), copy, { recursive: true });
  return copy;
}

/** A copy of a golden model with fields of its config.json changed; undefined removes one. */
export function configured(folder: string, name: string, fields: object): string {
  const copy = copyOf(folder, name);
  const path = join(copy, "config.json");
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, "utf8")), ...fields }));
  return copy;
}

/** A copy of a golden model with its tensors changed. */
export async function withTensors(folder: string, name: string, change: (tensors: Tensors) => void) {
  const copy = copyOf(folder, name);
  const path = join(copy, "model.safetensors");
  const tensors = { ...(await readSafetensors(path)).tensors };
  change(tensors);
  writeFileSync(path, encodeSafetensors(tensors));
  return copy;
}
