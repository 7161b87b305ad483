/** The losses of a run that is compared: a damaged log costs its curve alone. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { knownLosses } from "../../../src/node/jobs/known-losses.ts";

const folder = mkdtempSync(join(tmpdir(), "losses-"));
afterAll(() => rmSync(folder, { recursive: true }));

const line = (step: number, split: string, loss: number | null) => JSON.stringify({ step, split, loss });

test("validation alone, without what is not finite; none without a log; of a damaged one it is said why", () => {
  const told: string[] = [];
  const losses = () => knownLosses(folder, (text) => told.push(text));
  expect(losses()).toEqual([]);
  const lines = [line(5, "train", 3), line(5, "validation", 2), line(10, "validation", null)];
  writeFileSync(join(folder, "log.jsonl"), `${[...lines, line(15, "validation", 1)].join("\n")}\n`);
  expect(losses()).toEqual([
    [5, 2],
    [15, 1],
  ]);
  expect(told).toEqual([]);
  writeFileSync(join(folder, "log.jsonl"), `${[lines[0], "{", lines[1]].join("\n")}\n`);
  expect(losses()).toBeUndefined();
  expect(told).toEqual([expect.stringMatching(/^its curve of training is left out: .*log\.jsonl: line 2/)]);
});
