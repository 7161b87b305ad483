/**
 * A transformer in scalar loops and double precision, written from the papers' equations with the
 * same names of parameters. It shares no code with `src/tensor`, `src/model` or `src/encodings`:
 * what it is told is numbers.
 */

export type Vector = readonly number[];
export type Matrix = readonly Vector[];

export interface Reference {
  readonly layers: number;
  readonly heads: number;
  readonly width: number;
  readonly causal: boolean;
  readonly preNorm: boolean;
  readonly tied: boolean;
  readonly tokenScale: number;
  readonly normEpsilon?: number;
  readonly embeddingNorm?: boolean;
  /** Attention and the MLP read the same states, and both are added. */
  readonly parallel?: boolean;
  /** Both by the norm of attention. */
  readonly oneNorm?: boolean;
  readonly relu?: boolean;
  readonly exactGelu?: boolean;
  /** RMSNorm for layer normalization. */
  readonly rms?: boolean;
  /** c_fc gives gate and up, and the hidden layer is silu(gate) times up. */
  readonly gated?: boolean;
  /** Each head's queries and keys are normalized. */
  readonly qkNorm?: boolean;
  /** Dense layer, GELU and norm before the logits, a bias after. */
  readonly headTransform?: boolean;
  /** A bias after the logits. */
  readonly headBias?: boolean;
  /** Every parameter, flat in row-major order. */
  readonly values: Readonly<Record<string, Vector>>;
  /** What is added to the token at index t, of width C. */
  readonly embed?: (t: number) => Vector;
  /** What is added to the score of query i for key j. */
  readonly bias?: (layer: number, head: number, i: number, j: number) => number;
  /** Is told the scores of query i before the softmax and its weights after it, for the keys that it sees. */
  readonly look?: (layer: number, head: number, i: number, scores: Vector, weights: Vector) => void;
}

/** Logits (T,V) of one context. */
export function referenceLogits(model: Reference, tokens: readonly number[]): Matrix {
  const C = model.width;
  const table = matrix(model, "wte.weight", C);
  let x: Matrix = tokens.map((token, t) => {
    const row = (table[token] as Vector).map((e) => e * model.tokenScale);
    const placed = model.embed ? plus(row, model.embed(t)) : row;
    return model.embeddingNorm ? normalized(model, "ln_e", placed) : placed;
  });
  for (let layer = 0; layer < model.layers; layer++) {
    const h = `h.${layer}`;
    const attend = (states: Matrix) => attention(model, layer, states);
    const think = (states: Matrix) => states.map((state) => mlp(model, h, state));
    const attended = sublayer(model, `${h}.ln_1`, x, attend);
    if (model.parallel) {
      const thought = think(
        x.map((state) => normalized(model, `${h}.${model.oneNorm ? "ln_1" : "ln_2"}`, state)),
      );
      x = attended.map((state, t) => plus(state, thought[t] as Vector));
    } else x = sublayer(model, `${h}.ln_2`, attended, think);
  }
  if (model.preNorm) x = x.map((state) => normalized(model, "ln_f", state));
  const head = model.tied ? table : matrix(model, "lm_head.weight", C);
  return x.map((state) => {
    const biased = (logits: Vector) => plus(logits, model.values["lm_head.bias"] as Vector);
    const read = (of: Vector) => head.map((row) => dot(row, of));
    if (!model.headTransform) return model.headBias ? biased(read(state)) : read(state);
    const hidden = affine(model, "lm_head.transform", state, C).map((v) => activation(model, v));
    return biased(read(normalized(model, "lm_head.norm", hidden)));
  });
}

/** x + f(LN(x)), or LN(x + f(x)). */
function sublayer(model: Reference, norm: string, x: Matrix, f: (x: Matrix) => Matrix): Matrix {
  const input = model.preNorm ? x.map((state) => normalized(model, norm, state)) : x;
  const output = f(input);
  const sums = x.map((state, t) => plus(state, output[t] as Vector));
  return model.preNorm ? sums : sums.map((state) => normalized(model, norm, state));
}

function attention(model: Reference, layer: number, x: Matrix): Matrix {
  const { heads, width: C, causal } = model;
  const D = C / heads;
  const name = `h.${layer}.attn`;
  const projected = x.map((state) => affine(model, `${name}.c_attn`, state, 3 * C));
  const part = (t: number, which: 0 | 1 | 2, head: number) => {
    const own = (projected[t] as Vector).slice(which * C + head * D, which * C + (head + 1) * D);
    const norm = model.qkNorm ? [`${name}.q_norm`, `${name}.k_norm`][which] : undefined;
    return norm === undefined ? own : normalized(model, norm, own);
  };
  return x.map((_, i) => {
    const merged: number[] = [];
    for (let head = 0; head < heads; head++) {
      const seen = x.map((_state, j) => j).filter((j) => !causal || j <= i);
      const scores = seen.map(
        (j) =>
          dot(part(i, 0, head), part(j, 1, head)) / Math.sqrt(D) + (model.bias?.(layer, head, i, j) ?? 0),
      );
      const highest = Math.max(...scores);
      const powers = scores.map((score) => Math.exp(score - highest));
      const total = powers.reduce((sum, power) => sum + power, 0);
      const weights = powers.map((power) => power / total);
      model.look?.(layer, head, i, scores, weights);
      for (let d = 0; d < D; d++) {
        let z = 0;
        for (const [n, j] of seen.entries()) z += (weights[n] as number) * (part(j, 2, head)[d] as number);
        merged.push(z);
      }
    }
    return affine(model, `${name}.c_proj`, merged, C);
  });
}

function mlp(model: Reference, h: string, state: Vector): Vector {
  const M = 4 * model.width;
  const read = affine(model, `${h}.mlp.c_fc`, state, model.gated ? 2 * M : M);
  const hidden = model.gated
    ? read.slice(0, M).map((gate, m) => (gate / (1 + Math.exp(-gate))) * (read[M + m] as number))
    : read.map((v) => activation(model, v));
  return affine(model, `${h}.mlp.c_proj`, hidden, model.width);
}

/** ½x(1 + tanh(√(2/π)(x + 0.044715x³))) */
export const gelu = (x: number): number =>
  0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));

/**
 * x·Φ(x), Φ by Taylor's series of the error function: Σ (−1)ⁿ z^(2n+1) / (n!(2n+1)) · 2/√π at z =
 * x/√2, for |x| below 6.
 */
export function exactGelu(x: number): number {
  if (Math.abs(x) > 6) return Math.max(x, 0);
  const z = x / Math.SQRT2;
  let power = z; // (−1)ⁿ z^(2n+1) / n!
  let sum = 0;
  for (let n = 0; n < 120; n++) {
    sum += power / (2 * n + 1);
    power *= -(z * z) / (n + 1);
  }
  return 0.5 * x * (1 + (2 / Math.sqrt(Math.PI)) * sum);
}

const activation = (model: Reference, x: number): number =>
  model.relu ? Math.max(x, 0) : model.exactGelu ? exactGelu(x) : gelu(x);

/** (x − μ)/√(σ² + ε)·g + b */
export function normalize(x: Vector, gain: Vector, bias?: Vector, epsilon = 1e-5): Vector {
  const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
  const variance = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / x.length;
  return x.map(
    (v, c) => ((v - mean) / Math.sqrt(variance + epsilon)) * (gain[c] as number) + (bias?.[c] ?? 0),
  );
}

/** x/√(mean(x²) + ε)·g */
export function rmsNormalize(x: Vector, gain: Vector, epsilon: number): Vector {
  const size = Math.sqrt(dot(x, x) / x.length + epsilon);
  return x.map((value, c) => (value / size) * (gain[c] as number));
}

const normalized = ({ values, normEpsilon = 1e-5, rms }: Reference, name: string, x: Vector): Vector =>
  rms
    ? rmsNormalize(x, values[`${name}.weight`] as Vector, normEpsilon)
    : normalize(x, values[`${name}.weight`] as Vector, values[`${name}.bias`], normEpsilon);

/** x·W + b, W stored (in,out). */
function affine({ values }: Reference, name: string, x: Vector, size: number): Vector {
  const weight = values[`${name}.weight`] as Vector;
  const bias = values[`${name}.bias`];
  return Array.from({ length: size }, (_, n) =>
    x.reduce((sum, value, c) => sum + value * (weight[c * size + n] as number), bias?.[n] ?? 0),
  );
}

function matrix({ values }: Reference, name: string, columns: number): Matrix {
  const flat = values[name] as Vector;
  return Array.from({ length: flat.length / columns }, (_, r) => flat.slice(r * columns, (r + 1) * columns));
}

export const plus = (a: Vector, b: Vector): Vector => a.map((value, i) => value + (b[i] as number));
export const dot = (a: Vector, b: Vector): number =>
  a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);
