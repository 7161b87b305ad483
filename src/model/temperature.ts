/** `model.temperature`: the factor on each query, after it was turned, and so on all scores that are made of it. */
import { type ParamSpecs, type Params, param } from "../tensor/params.ts";
import { tf } from "../tensor/tf.ts";
import type { Temperature } from "./attention-fields.ts";
import { type ByLayer, ofLayers } from "./by-layer.ts";
import type { Sight } from "./sight.ts";

const PARAMETER = "temperature";

interface Configured {
  readonly config: { readonly temperature?: ByLayer<Temperature | null> | undefined };
  readonly shape: { readonly layers: number; readonly heads: number; readonly context: number };
}

export const temperatureOf = ({ config, shape }: Configured, layer: number): Temperature | undefined =>
  ofLayers(config.temperature ?? null, shape.layers)[layer] ?? undefined;

/**
 * Of a block: s of each head under `ssmax`. It starts where the mean of s·ln n over n = 1 … L_max is
 * 1, so that scores start as large as without.
 */
export function temperatureSpecs(model: Configured, layer: number): ParamSpecs {
  const { heads: H, context } = model.shape;
  if (temperatureOf(model, layer)?.kind !== "ssmax") return {};
  let sum = 0;
  for (let n = 2; n <= context; n++) sum += Math.log(n);
  return { [PARAMETER]: { shape: [H], init: () => (sum === 0 ? 1 : context / sum) } };
}

/** Where the T tokens that are read now stand among those of their context. */
export interface Places {
  /** 0 for the first token of a context, (T). */
  readonly index: () => tf.Tensor1D;
  /** Tokens of the whole context. */
  readonly length: number;
  readonly sight: Sight;
}

/** The factors, (H,T) or (1,T). */
export function temperatures(
  model: Configured,
  params: Params,
  layer: number,
  places: Places,
): tf.Tensor2D | undefined {
  const kind = temperatureOf(model, layer);
  if (kind === undefined) return undefined;
  if (kind.kind === "llama4") {
    const steps = tf.floor(tf.div(tf.add(places.index(), 1), kind.floor));
    return tf.expandDims(tf.add(1, tf.mul(kind.scale, tf.log1p(steps))), 0);
  }
  const logs = tf.expandDims(tf.log(seen(places)), 0); // (1,T)
  if (kind.kind === "log-n") return tf.div(logs, Math.log(Math.max(2, model.shape.context)));
  const s = param(params, `h.${layer}.attn.${PARAMETER}`);
  return tf.mul(tf.expandDims(s, 1), logs);
}

/** n: how many keys each query sees, (T). */
function seen({ index: indices, length, sight: { causal, window } }: Places): tf.Tensor1D {
  const index = indices();
  const end = causal ? tf.add(index, 1) : tf.minimum(length, tf.add(index, window ?? length));
  const first = window === undefined ? 0 : tf.maximum(0, tf.sub(index, window - 1));
  return tf.sub(end, first);
}
