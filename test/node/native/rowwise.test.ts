/** Normalization and GELU in C++ beside loops over scalars: every width of vectors, on one thread and on several. */
import { describe, expect, test, vi } from "vitest";
import { runChild } from "./child.ts";
import { byScalars, caseOf, type RowwiseCase } from "./rowwise-reference.ts";
import { levels, needOwnSources, worst } from "./vectors.ts";

needOwnSources();

type Answer = Readonly<Record<string, number[]>> & { readonly inOne: boolean; readonly shape: number[] };

const answers = (cases: readonly RowwiseCase[], how: "xla" | "graph" = "graph", threads = 1): Answer[] =>
  JSON.parse(runChild("rowwise", [how, String(threads)], JSON.stringify(cases)).stdout);

const CASES: Readonly<Record<string, RowwiseCase>> = {
  "layer, whole vectors": caseOf("layer", [2, 3, 64]),
  "layer, a rest of a vector": caseOf("layer", [3, 37]),
  "layer, less than a vector": caseOf("layer", [2, 2, 3]),
  "layer without a bias": caseOf("layer", [4, 20], { biased: false }),
  "layer, a mean far above the deviation": caseOf("layer", [2, 48], { moved: 100, stretched: 0.5 }),
  "layer, rows of many parts": caseOf("layer", [600, 130]),
  "layer, more ε than variance": caseOf("layer", [2, 16], { epsilon: 1, stretched: 0.1 }),
  rms: caseOf("rms", [2, 5, 24], { biased: false }),
  "rms, one number a row": caseOf("rms", [3, 1], { biased: false }),
  gelu: caseOf("gelu", [3, 70], { moved: 0 }),
  "gelu, where it is nearly 0 or x": caseOf("gelu", [2, 33], { moved: 0, stretched: 30 }),
  "gelu, one number": caseOf("gelu", [1]),
  "gelu of many parts": caseOf("gelu", [70_001], { moved: 0 }),
};
const cases = Object.values(CASES);
const names = Object.keys(CASES);

/** Means of 100 leave so much of float32. */
const bound = (name: string) => (name.includes("far above") ? 1e-4 : 5e-6);

describe.each(levels)("vectors: %s", (level) => {
  test("outputs and gradients are those of loops over scalars", () => {
    vi.stubEnv("WHEREABOUTS_VECTORS", level);
    const all = answers(cases);
    expect(all.map(({ inOne }) => inOne)).toEqual(cases.map(() => true));
    const found = all.flatMap((answer, i) => {
      const [one, name] = [cases[i] as RowwiseCase, names[i] as string];
      expect(answer.shape).toEqual(one.shape);
      const parts = Object.entries(byScalars(one)).map(
        ([part, reference]) => [part, worst(answer[part] as number[], reference)] as const,
      );
      return parts.filter(([, x]) => !(x < bound(name))).map(([part, x]) => `${name}, ${part}: ${x}`);
    });
    expect(found).toEqual([]);
  });

  test("what is no number stays none, and alone", () => {
    vi.stubEnv("WHEREABOUTS_VECTORS", level);
    const withNaN = (one: RowwiseCase, at: number): RowwiseCase => ({
      ...one,
      values: { ...one.values, x: one.values.x?.with(at, Number.NaN) as number[] },
    });
    const [normed, activated] = answers([
      withNaN(caseOf("layer", [3, 20]), 25),
      withNaN(caseOf("gelu", [20]), 18),
    ]);
    const isNone = (x: number | null) => x === null; // as JSON writes it
    expect(normed?.y?.map(isNone)).toEqual(Array.from({ length: 60 }, (_, i) => i >= 20 && i < 40));
    expect(activated?.y?.map(isNone)).toEqual(Array.from({ length: 20 }, (_, i) => i === 18));
  });
});

test("several threads give the bits of one", () => {
  const outputs = (threads: number) => answers(cases, "graph", threads).map(({ y }) => y);
  expect(outputs(3)).toEqual(outputs(1));
});

test("XLA makes loops of its own instead, equal within rounding", () => {
  const [ours, loops] = [answers(cases, "graph"), answers(cases, "xla")];
  expect(loops.map(({ inOne }) => inOne)).toEqual(cases.map(() => false));
  const differences = loops.map((answer, i) => worst(answer.y as number[], ours[i]?.y as number[]));
  expect(
    differences.map((x, i) => (x < bound(names[i] as string) ? "" : `${names[i]}: ${x}`)).filter(Boolean),
  ).toEqual([]);
});
