/** Attention in C++ beside loops over scalars: every width of vectors, compiled by XLA and not, on one thread and on several. */
import { describe, expect, test, vi } from "vitest";
import { type AttentionCase, attendedByScalars, caseOf } from "./attention-reference.ts";
import { runChild } from "./child.ts";
import { levels, needOwnSources, worst } from "./vectors.ts";

needOwnSources();

function attended(cases: readonly AttentionCase[], how: "xla" | "graph", threads: number): number[][][] {
  return JSON.parse(runChild("attend", [how, String(threads)], JSON.stringify(cases)).stdout) as number[][][];
}

/** By what each shows: sizes are not multiples of a vector, unless they say so. */
const CASES: Readonly<Record<string, AttentionCase>> = {
  "a plain one": caseOf({ B: 2, H: 2, T: 5, S: 5, D: 6 }),
  "widths of whole vectors, several runs of queries": caseOf({ B: 1, H: 2, T: 48, S: 48, D: 32 }),
  "more queries than one run, and a rest": caseOf({ B: 1, H: 1, T: 37, S: 37, D: 20 }),
  "without a causal mask": caseOf({ B: 1, H: 2, T: 7, S: 7, D: 4, causal: false }),
  "queries behind keys that all see": caseOf({ B: 1, H: 2, T: 3, S: 20, D: 8, first: 17 }),
  "one token": caseOf({ B: 1, H: 1, T: 1, S: 1, D: 1 }),
  "a bias that rows of a batch share": caseOf({ B: 3, H: 2, T: 17, S: 17, D: 8, bias: [2, 17, 17] }),
  "a bias of each row": caseOf({ B: 2, H: 2, T: 16, S: 16, D: 16, bias: [2, 2, 16, 16] }),
  "a bias that heads share": caseOf({ B: 2, H: 2, T: 5, S: 5, D: 8, bias: [5, 5] }),
  "a bias of each key alone": caseOf({ B: 2, H: 2, T: 5, S: 5, D: 8, bias: [2, 1, 1, 5] }),
};
const cases = Object.values(CASES);
const names = Object.keys(CASES);

describe.each(levels)("vectors: %s", (level) => {
  test.each(["xla", "graph"] as const)("%s: outputs and gradients are those of loops over scalars", (how) => {
    vi.stubEnv("WHEREABOUTS_VECTORS", level);
    const all = attended(cases, how, 1);
    const differences = all.map((outputs, i) =>
      Math.max(
        ...attendedByScalars(cases[i] as AttentionCase).map((x, j) => worst(outputs[j] as number[], x)),
      ),
    );
    expect(differences.map((x, i) => (x < 2e-6 ? "" : `${names[i]}: ${x}`)).filter(Boolean)).toEqual([]);
    expect(all.length).toBe(cases.length);
  });
});

test("several threads give the bits of one", () => {
  expect(attended(cases, "graph", 3)).toEqual(attended(cases, "graph", 1));
});

test("code that was kept gives the bits of the process that compiled it", () => {
  expect(attended(cases, "xla", 1)).toEqual(attended(cases, "xla", 1));
});
