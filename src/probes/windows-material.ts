/**
 * What the probe `windows` reads: the same targets in windows of several lengths, and with several
 * lengths of context.
 */
import { specialIds } from "../data/data.ts";
import type { Windows } from "../data/index.ts";
import { forObjective } from "../train/batch.ts";
import type { LossSums } from "./degradation.ts";
import type { Subject } from "./probe.ts";
import { maskOf } from "./reader.ts";
import type { LossRow, TokenLosses } from "./token-losses.ts";

/** N tokens one after another, all of which are scored. */
export interface Stretch extends LossRow {
  readonly weights: ArrayLike<number>;
}

/** A window of a stretch: it reads the tokens start … end − 1, and is scored from `scored` on. */
export interface Window {
  readonly start: number;
  readonly end: number;
  readonly scored: number;
}

/**
 * Windows of `length` tokens that begin `stride` tokens apart. Together they score each of the N
 * tokens once: the first window all of its own, the others what no earlier one had. The last
 * sliding window ends with the stretch; of windows side by side the last may be shorter.
 *
 * @example
 * assert.deepEqual(windowsOver(8, 4, 2).map(({ start, scored }) => [start, scored]), [[0, 0], [2, 4], [4, 6]]);
 */
export function windowsOver(N: number, length: number, stride: number): Window[] {
  const windows: Window[] = [];
  for (let scored = 0; scored < N; ) {
    const end = Math.min(N, windows.length === 0 ? length : scored + stride);
    const start = stride < length ? Math.max(0, end - length) : scored;
    windows.push({ start, end, scored });
    scored = end;
  }
  return windows;
}

/** Stretches of N tokens; a masked model's have the same tokens hidden in every window. */
export function stretchesOf(
  { model, tokenizer }: Pick<Subject, "model" | "tokenizer">,
  windows: Windows,
  count: number,
  N: number,
): Stretch[] {
  const objective = model.shape.causal ? "causal" : "masked";
  if (objective === "masked") maskOf(tokenizer.mask); // here: a batch would blame `train.objective`, and nothing is trained
  const data = { tokenizer, special: specialIds(tokenizer) };
  const given = windows.window(0, count, N);
  const batch = forObjective(data, given, objective, windows.seed, "data/mask/windows");
  const { tokens, targets, weights = new Float32Array(tokens.length).fill(1) } = batch;
  return Array.from({ length: count }, (_, row) => {
    const part = <A extends Int32Array | Float32Array>(of: A) => of.subarray(row * N, (row + 1) * N) as A;
    return { tokens: part(tokens), targets: part(targets), weights: part(weights) };
  });
}

/** The losses of each stretch, added up, and how many count. */
export async function lossesInWindows(
  reader: TokenLosses,
  stretches: readonly Stretch[],
  length: number,
  stride: number,
): Promise<LossSums> {
  const N = stretches[0]?.tokens.length ?? 0;
  const windows = windowsOver(N, length, stride);
  const part = (of: ArrayLike<number>, { start, end }: Window) => Array.from(of).slice(start, end);
  const rows = stretches.flatMap(({ tokens, targets }) =>
    windows.map((window) => ({ tokens: part(tokens, window), targets: part(targets, window) })),
  );
  const losses = await reader.read(rows);
  const over = (value: (loss: number, weight: number) => number) =>
    stretches.map(({ weights }, s) => {
      let sum = 0;
      windows.forEach(({ start, end, scored }, w) => {
        const nll = losses[s * windows.length + w] as Float32Array;
        for (let t = scored; t < end; t++) sum += value(nll[t - start] as number, weights[t] as number);
      });
      return sum;
    });
  return { sums: over((loss, weight) => loss * weight), counts: over((_, weight) => weight) };
}

/** A target and the tokens around it. */
export interface MatchedTarget {
  readonly tokens: readonly number[];
  /**
   * Where the model answers: a causal one at the token before the target, a masked one at a mask in
   * its place.
   */
  readonly at: number;
  readonly target: number;
}

/**
 * Targets with `longest` tokens or more before them, or half of them on each side; none that is
 * padding or another special token.
 */
export function matchedTargets(
  { model, tokenizer }: Pick<Subject, "model" | "tokenizer">,
  windows: Windows,
  count: number,
  { longest, spare }: { readonly longest: number; readonly spare: number },
): MatchedTarget[] {
  const T = longest + spare; // so that no context has to begin where a window does
  const { tokens, targets, weights } = windows.window(1, count, T);
  const { causal } = model.shape;
  const at = causal ? T - 1 : T - Math.ceil(longest / 2);
  const special = new Set(specialIds(tokenizer));
  return Array.from({ length: count }, (_, row) => {
    const own = [...tokens.subarray(row * T, (row + 1) * T)];
    if (causal) return { tokens: own, at, target: targets[(row + 1) * T - 1] as number };
    const target = own[at] as number;
    own[at] = maskOf(tokenizer.mask);
    return { tokens: own, at, target };
  }).filter(({ target }, row) => (causal ? (weights?.[(row + 1) * T - 1] ?? 1) > 0 : !special.has(target)));
}

/** −log p of each target with c tokens of context: those up to it, or c with the mask in their middle. */
export async function lossesInContext(
  reader: TokenLosses,
  targets: readonly MatchedTarget[],
  c: number,
  causal: boolean,
): Promise<number[]> {
  const rows = targets.map(({ tokens, at, target }) => {
    const start = causal ? at + 1 - c : at - Math.floor(c / 2);
    return { tokens: tokens.slice(start, start + c), targets: new Array<number>(c).fill(target) };
  });
  const read = await reader.read(rows);
  return read.map((losses) => losses[causal ? c - 1 : Math.floor(c / 2)] as number);
}
