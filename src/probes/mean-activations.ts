/**
 * What activations are on average, over the contexts that a subject has: what mean ablation puts in
 * their place.
 */
import { InputError } from "../errors.ts";
import type { Means } from "../model/ablate.ts";
import type { Ablation } from "../model/ablations.ts";
import { createRng } from "../tensor/rng.ts";
import { openActivations } from "./activations.ts";
import type { Subject } from "./probe.ts";

/** Contexts that are averaged over, and their most tokens. */
const CONTEXTS = 32;
const TOKENS = 256;

/**
 * Means of the activations that `mean` ablations replace, over positions and 32 contexts: windows,
 * or else pairs or problems.
 *
 * @throws InputError where the subject has no material
 * @example
 * const config = modelSchema().parse({ layers: 1, heads: 2, width: 8, context: 8, position: { kind: "rope" } });
 * const tokenizer = wordsTokenizer(["dog", "bites", "man"]);
 * const model = createModel(config, tokenizer.vocabSize);
 * const ids = Int32Array.from({ length: 64 }, (_, i) => i % tokenizer.vocabSize);
 * const material = { windows: windowsOf(memoryStore(ids, 64), "mine") };
 * const subject = { model, params: initialize(model.specs, 1), tokenizer, material };
 * const ablations = [parseAblation(model, "blocks.0.mlp_out=mean")];
 * const means = await meanActivations(subject, ablations);
 * assert.equal(means["blocks.0.mlp_out"]?.length, 8); // C
 * const without = ablated(model, ablations, means);
 * assert.equal(without.ablated, "blocks.0.mlp_out=mean");
 */
export async function meanActivations(subject: Subject, ablations: readonly Ablation[]): Promise<Means> {
  const names = [...new Set(ablations.flatMap(({ names, by }) => (by === "mean" ? names : [])))];
  if (names.length === 0) return {};
  const sums = new Map<string, Float64Array>();
  let rows = 0;
  const reader = openActivations(subject, names);
  try {
    for await (const { tokens, activations } of reader.trace(contextsOf(subject))) {
      rows += tokens.length;
      for (const [name, { shape, values }] of Object.entries(activations)) {
        const sum = sums.get(name) ?? new Float64Array(values.length / tokens.length);
        sums.set(name, sum);
        addRows(sum, shape, values);
      }
    }
  } finally {
    reader.close();
  }
  return Object.fromEntries([...sums].map(([name, sum]) => [name, sum.map((value) => value / rows)]));
}

/** Adds an activation's positions to (C), or for (H,T,D) to (H,D). */
function addRows(sum: Float64Array, shape: readonly number[], values: Float32Array): void {
  const [H, T, D] =
    shape.length === 3 ? (shape as [number, number, number]) : [1, ...(shape as [number, number])];
  for (let h = 0; h < H; h++)
    for (let t = 0; t < T; t++)
      for (let d = 0; d < D; d++)
        sum[h * D + d] = (sum[h * D + d] as number) + (values[(h * T + t) * D + d] as number);
}

function contextsOf({ model, material: { windows, pairs, problems } }: Subject): (readonly number[])[] {
  const T = Math.min(model.shape.context, TOKENS);
  if (windows !== undefined) {
    const { tokens } = windows.window(0, CONTEXTS, T);
    return Array.from({ length: CONTEXTS }, (_, b) => [...tokens.subarray(b * T, (b + 1) * T)]);
  }
  if (pairs !== undefined)
    return pairs
      .of(pairs.splits[0] as string)
      .slice(0, CONTEXTS)
      .map(({ context }) => context);
  if (problems !== undefined) {
    const rng = createRng(1, "ablate/mean");
    const size = problems.longest(T);
    return Array.from({ length: CONTEXTS }, () => problems.problem(size, rng).tokens.slice(0, -1));
  }
  throw new InputError(
    "ablate: a mean is of the activations of some contexts, and nothing is known of what this model reads; give --text FILE or --pairs FILE, or ablate to zero",
  );
}
