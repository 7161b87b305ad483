/** The terms of the scores of every block and head in a context, in both bases of `terms.ts`. */
import { encodingOf, type Model } from "../model/model.ts";
import { sightOf } from "../model/sight.ts";
import type { Activation, Traced } from "./activations.ts";
import { broadcastTo } from "./broadcast.ts";
import { type DirectPaths, headSigmasOf, namesForSigmas, sigmasOf } from "./direct-path.ts";
import { type PositionParts, valuesOf } from "./position-parts.ts";
import type { MeasurementSite } from "./probe.ts";
import {
  type HeadScores,
  type Part,
  termsOf,
  type Variation,
  type Vectors,
  variationOf,
} from "./score-terms.ts";

const OF_ATTENTION = ["q", "k", "rot_q", "rot_k", "temperature", "bias", "attn_scores"];

/** Activations that are read. */
export function namesForTerms(model: Model): string[] {
  const layers = Array.from({ length: model.shape.layers }, (_, layer) =>
    OF_ATTENTION.map((name) => `blocks.${layer}.attn.${name}`),
  );
  return [...new Set(["embed", "pos_embed", ...layers.flat(), ...namesForSigmas(model)])];
}

interface Asked {
  /** Of each block; left out, there is no basis of means. */
  readonly parts: readonly PositionParts[] | undefined;
  readonly T: number;
}

export interface HeadVariation {
  readonly variation: Variation;
  /** layer, head and basis */
  readonly at: MeasurementSite;
}

/** @returns what gives the variations of a context */
export function openLayerTerms(
  model: Model,
  paths: DirectPaths,
  { parts, T }: Asked,
): (traced: Traced) => Promise<HeadVariation[]> {
  const { layers, heads } = model.shape;
  return async (traced) => {
    const direct = await directOf(model, paths, traced, T);
    return Array.from({ length: layers }, (_, layer) => {
      const sight = sightOf(model, layer);
      const part = layer > 0 ? parts?.[layer] : undefined;
      const means = part && meansOf(model, part, traced, { layer, T });
      return Array.from({ length: heads }, (_, head) => {
        const found = scoresOf(model, traced, { layer, head, T });
        const bases = { direct: (direct[layer] as PartsOf)(head), ...(means && { means: means(head) }) };
        return Object.entries(bases).map(([basis, parts]) => ({
          variation: variationOf(termsOf({ ...found, ...parts, rest: basis === "direct" }), T, sight),
          at: { layer, head, basis },
        }));
      });
    }).flat(2);
  };
}

/** The parts of tokens and of positions for a head. */
type PartsOf = (head: number) => Pick<HeadScores, "tokens" | "positions">;

/** Straight from the embedding, for each block. */
export async function directOf(
  model: Model,
  paths: DirectPaths,
  { activations }: Traced,
  T: number,
): Promise<PartsOf[]> {
  const { width: C, heads: H, keyValueHeads: G, headWidth: D, layers } = model.shape;
  const added = activations.pos_embed;
  const v = (activations.embed as Activation).values;
  const both = new Float32Array((added ? 2 : 1) * T * C);
  both.set(v);
  if (added) both.set(broadcastTo(added, [T, C]), T * C);
  const read = await paths.read(both);
  return Array.from({ length: layers }, (_, layer): PartsOf => {
    const sigmas = sigmasOf(model, layer, activations, T);
    const stride = (H + G) * D;
    const vectors = (part: number, name: "q" | "k", head: number): Vectors => {
      const own = headSigmasOf(model, layer, activations, { part: name, head, T });
      return {
        ...{ values: read[layer] as Float32Array, stride, width: D },
        first: part * T * stride + (name === "q" ? head : H + head) * D,
        over: sigmas.map((sigma, t) => sigma * (own[t] as number)),
      };
    };
    const partOf = (part: number, head: number): Part => ({
      q: vectors(part, "q", head),
      k: vectors(part, "k", sharedHead(model, head)),
    });
    return (head) => ({ tokens: partOf(0, head), ...(added && { positions: partOf(1, head) }) });
  });
}

/** By means over contexts: the part of tokens is all that is not of the position. */
function meansOf(
  model: Model,
  positions: PositionParts,
  { activations }: Traced,
  { layer, T }: { readonly layer: number; readonly T: number },
): PartsOf {
  const { headWidth: D } = model.shape;
  const tokensOf = (name: "q" | "k") => {
    const own = valuesOf(activations, layer, name);
    return positions[name].map((value, n) => (own[n] as number) - value);
  };
  const tokens: PositionParts = { q: tokensOf("q"), k: tokensOf("k") };
  const partOf = (part: PositionParts, head: number): Part => ({
    q: ofHead(part.q, head, T, D),
    k: ofHead(part.k, sharedHead(model, head), T, D),
  });
  return (head) => ({ tokens: partOf(tokens, head), positions: partOf(positions, head) });
}

/** All of a head but its parts. */
export function scoresOf(
  model: Model,
  { activations }: Traced,
  { layer, head, T }: { readonly layer: number; readonly head: number; readonly T: number },
): Omit<HeadScores, "tokens" | "positions" | "rest"> {
  const { heads: H, headWidth: D } = model.shape;
  const { scale = 1 / Math.sqrt(D), transform } = encodingOf(model, layer);
  const found = (name: string) => activations[`blocks.${layer}.attn.${name}`];
  const part = (q: Activation, k: Activation): Part => ({
    q: ofHead(q.values, head, T, q.shape[2] as number),
    k: ofHead(k.values, k.shape[0] === H ? head : sharedHead(model, head), T, k.shape[2] as number),
  });
  const [q, k, bias] = [found("q") as Activation, found("k") as Activation, found("bias")];
  const [turnedQ, turnedK] = [found("rot_q") ?? q, found("rot_k") ?? k];
  const factors = found("temperature");
  const row = factors?.shape[0] === 1 ? 0 : head; // (H,T) or (1,T)
  const scaleAt = (i: number) => scale * (factors?.values[row * T + i] ?? 1);
  const matrix = (values: Float32Array) => values.subarray(head * T * T, (head + 1) * T * T);
  return {
    ...{ T, sight: sightOf(model, layer), scaleAt },
    scores: matrix((found("attn_scores") as Activation).values),
    ...(transform && { turned: { before: part(q, k), after: part(turnedQ, turnedK) } }),
    ...(bias && { bias: matrix(broadcastTo(bias, [H, T, T])) }),
  };
}

/** The head of keys that a head of queries reads. */
const sharedHead = ({ shape }: Model, head: number) => Math.floor((head * shape.keyValueHeads) / shape.heads);

/** A head of (heads,T,D). */
const ofHead = (values: ArrayLike<number>, head: number, T: number, D: number): Vectors => ({
  ...{ values, first: head * T * D, stride: D, width: D },
});
