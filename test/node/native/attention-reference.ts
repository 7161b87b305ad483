/** Attention and its gradients by loops over scalars, in float64. */
import { sizeOf } from "../../../src/tensor/params.ts";
import { createRng } from "../../../src/tensor/rng.ts";

/** Operands by name, in the order q, k, v[, bias], dz; each in rows. */
export interface AttentionCase {
  readonly scale: number;
  readonly first: number;
  readonly causal: boolean;
  readonly shapes: Readonly<Record<string, number[]>>;
  readonly values: Readonly<Record<string, number[]>>;
}

export interface Sizes {
  readonly B: number;
  readonly H: number;
  readonly T: number;
  readonly S: number;
  readonly D: number;
  readonly first?: number;
  readonly causal?: boolean;
  readonly bias?: number[];
}

/** Of normal numbers, twice as large where scores come from, so that weights are far from equal. */
export function caseOf({ B, H, T, S, D, first = 0, causal = true, bias }: Sizes): AttentionCase {
  const shapes: Record<string, number[]> = {
    ...{ q: [B, H, T, D], k: [B, H, S, D], v: [B, H, S, D] },
    ...(bias && { bias }),
    dz: [B, H, T, D],
  };
  const draw = (name: string, shape: readonly number[]) => {
    const rng = createRng(1, `${name} ${shape}`);
    return Array.from({ length: sizeOf(shape) }, () => Math.fround(2 * rng.normal()));
  };
  const values = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, draw(name, shape)]));
  return { scale: 1 / Math.sqrt(D), first, causal, shapes, values };
}

/** @returns z, dq, dk, dv[, dbias], each in rows */
export function attendedByScalars({ scale, first, causal, shapes, values }: AttentionCase): number[][] {
  const [B, H, T, D] = shapes.q as [number, number, number, number];
  const S = shapes.k?.[2] as number;
  const at = (name: string, i: number) => (values[name] as number[])[i] as number;
  const zeros = (name: string) => new Array<number>((values[name] as number[]).length).fill(0);
  const out = {
    z: zeros("q"),
    dq: zeros("q"),
    dk: zeros("k"),
    dv: zeros("v"),
    dbias: zeros(shapes.bias ? "bias" : "q"),
  };
  const add = (to: number[], i: number, x: number) => {
    to[i] = (to[i] as number) + x;
  };
  const biasAt = (b: number, h: number, t: number, s: number) => placeOf(shapes.bias ?? [], [b, h, t, s]);
  for (let b = 0; b < B; b++)
    for (let h = 0; h < H; h++)
      for (let t = 0; t < T; t++) {
        const query = ((b * H + h) * T + t) * D;
        const key = (s: number) => ((b * H + h) * S + s) * D;
        const inner = (left: string, i: number, right: string, j: number) =>
          sumOf(D, (d) => at(left, i + d) * at(right, j + d));
        const seen = causal ? Math.min(S, first + t + 1) : S;
        const scores = Array.from(
          { length: seen },
          (_, s) =>
            scale * inner("q", query, "k", key(s)) + (shapes.bias ? at("bias", biasAt(b, h, t, s)) : 0),
        );
        const most = Math.max(...scores);
        const total = sumOf(seen, (s) => Math.exp((scores[s] as number) - most));
        const weights = scores.map((x) => Math.exp(x - most) / total);
        const slopes = weights.map((_, s) => inner("dz", query, "v", key(s)));
        const mean = sumOf(seen, (s) => (weights[s] as number) * (slopes[s] as number));
        weights.forEach((p, s) => {
          const ds = p * ((slopes[s] as number) - mean);
          if (shapes.bias) add(out.dbias, biasAt(b, h, t, s), ds);
          for (let d = 0; d < D; d++) {
            add(out.z, query + d, p * at("v", key(s) + d));
            add(out.dv, key(s) + d, p * at("dz", query + d));
            add(out.dq, query + d, ds * scale * at("k", key(s) + d));
            add(out.dk, key(s) + d, ds * scale * at("q", query + d));
          }
        });
      }
  return [out.z, out.dq, out.dk, out.dv, ...(shapes.bias ? [out.dbias] : [])];
}

const sumOf = (n: number, f: (i: number) => number) =>
  Array.from({ length: n }, (_, i) => f(i)).reduce((a, b) => a + b, 0);

/** In rows of `shape`, whose sizes of one broadcast. */
function placeOf(shape: readonly number[], index: readonly number[]): number {
  const own = index.slice(index.length - shape.length);
  return shape.reduce((place, size, axis) => place * size + (size === 1 ? 0 : (own[axis] as number)), 0);
}
