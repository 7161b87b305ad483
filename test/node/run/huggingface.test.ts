/**
 * Models that Hugging Face's libraries wrote, against the logits that they computed with them.
 *
 * The folders are written by `scripts/peers/huggingface.py make test/goldens/huggingface`, those with
 * a case.json by the same with their names behind; `npm run parity` compares anew, both ways.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadCheckpoint } from "../../../src/node/run/checkpoint.ts";
import { exportCheckpoint, importCheckpoint } from "../../../src/node/run/exchange.ts";
import { openTensors } from "../../../src/node/run/huggingface/shards.ts";
import { logitsOf } from "../../../src/probes/logits.ts";
import { tf } from "../../../src/tensor/tf.ts";
import { startTestEngine } from "../../engine-for-tests.ts";
import { furthest } from "../../model/small.ts";

/** float32 in another order of sums, logits of size 1 to 10: the tolerance that is promised. */
const PROMISED = 1e-4;

interface Case {
  readonly name: string;
  readonly ids: readonly (readonly number[])[];
  readonly logits: readonly (readonly number[])[][];
}

const GOLDENS = join(import.meta.dirname, "..", "..", "goldens", "huggingface");
const folders = readdirSync(GOLDENS, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);
const { cases: together } = JSON.parse(readFileSync(join(GOLDENS, "cases.json"), "utf8")) as {
  cases: Case[];
};
const apart = folders
  .map((name) => join(GOLDENS, name, "case.json"))
  .filter((path) => existsSync(path))
  .map((path) => JSON.parse(readFileSync(path, "utf8")) as Case);
const cases = [...together, ...apart];

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "huggingface-"));
  await startTestEngine();
});
afterAll(() => rmSync(folder, { recursive: true }));

async function logitsIn(checkpoint: string, ids: Case["ids"]): Promise<number[][][]> {
  const { model, params } = await loadCheckpoint(checkpoint);
  const logits: number[][][] = [];
  for (const row of ids) logits.push(await logitsOf(model, params, row));
  tf.dispose(Object.values(params));
  return logits;
}

async function namesIn(folder: string): Promise<string[]> {
  const { headers, close } = await openTensors(folder);
  await close();
  return Object.keys(headers);
}

test("every folder of goldens has its case", () => {
  expect(folders.sort()).toEqual(cases.map(({ name }) => name).sort());
});

describe.each(cases)("$name", ({ name, ids, logits }) => {
  const original = join(GOLDENS, name);

  test("read where it lies, gives Hugging Face's logits", async () => {
    expect(furthest(await logitsIn(original, ids), logits)).toBeLessThan(PROMISED);
  });

  test("imported, is a checkpoint of the same bits", async () => {
    await importCheckpoint(original, join(folder, name));
    expect(await logitsIn(join(folder, name), ids)).toEqual(await logitsIn(original, ids));
  });

  test("exported again, has the names that it came with and the same logits", async () => {
    await exportCheckpoint(join(folder, name), join(folder, `${name}-again`));
    const before = await namesIn(original);
    const after = await namesIn(join(folder, `${name}-again`));
    // What reads the first token for another task is no part of a language model.
    const expected = before.filter((key) => !key.startsWith("pooler."));
    const [, bare] = /^(.*)-without-head$/.exec(name) ?? [];
    const prefix = bare === undefined ? "" : `${bare}.`;
    // A head that stands for the table too is written as the table.
    const renamed = name === "gpt2-head-alone" ? { "lm_head.weight": "transformer.wte.weight" } : {};
    const names: Readonly<Record<string, string>> = renamed;
    expect(after.sort()).toEqual(expected.map((key) => names[key] ?? prefix + key).sort());
    expect(await logitsIn(join(folder, `${name}-again`), ids)).toEqual(await logitsIn(original, ids));
  });
});
