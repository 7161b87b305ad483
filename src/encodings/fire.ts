/**
 * FIRE: a small network of the distance, relative to how far the query could look at all.
 *
 *     bias_h(i, j) = f_h(ψ(i − j) / (ψ(max(i, L)) + ε))      ψ(x) = log(|c|·x + 1)      f: 1 → 32 → H, ReLU
 *
 * ψ spreads out near distances; the normalizer keeps the network's input within [0, 1] at every
 * length, and the threshold L switches it off for short contexts. c, L and f are learned, for each
 * block (`shared`: once for all, the paper's FIRE-S). Not shift-invariant once i > L. Added outside
 * the 1/√D. ε = 1e-6 guards position 0 should L be learned down to 0.
 *
 * Departures: L starts at `threshold`·L_max, by default a half of it; at the published 512 the
 * normalizer would be constant in contexts of 32, and the interpolation never act. The paper
 * defines j ≤ i. Keys to the right, which bidirectional attention sees and a causal mask hides,
 * have |i − j| for i − j and max(i, j, L) for the threshold, so that the input stays within [0, 1];
 * left and right look alike.
 *
 * Li et al. 2024, arXiv:2310.04418, section 3.
 */
import { z } from "zod";
import { linear } from "../tensor/ops.ts";
import { type ParamSpec, type ParamSpecs, param } from "../tensor/params.ts";
import { tf } from "../tensor/tf.ts";
import { defineEncoding } from "./encoding.ts";

const HIDDEN = 32;
const EPSILON = 1e-6;

export const fire = defineEncoding({
  kind: "fire",
  title: "FIRE",
  source: "Li et al. 2024, arXiv:2310.04418, section 3",
  relative: false,
  config: z.strictObject({
    /** Where L starts, in units of L_max. */
    threshold: z.number().positive().max(1e6).default(0.5),
    shared: z.boolean().default(false),
  }),
  create({ threshold, shared }, { heads: H, context }) {
    const specs: ParamSpecs = {
      "fire.c": { shape: [1], init: () => 0.1 },
      "fire.threshold": { shape: [1], init: () => 1 }, // L in units of its initial value, so that steps of Adam are felt
      "fire.fc.weight": { shape: [1, HIDDEN], init: uniform(1) },
      "fire.fc.bias": { shape: [HIDDEN], init: uniform(1) },
      "fire.proj.weight": { shape: [HIDDEN, H], init: uniform(HIDDEN) },
      "fire.proj.bias": { shape: [H], init: uniform(HIDDEN) },
    };
    return {
      ...(shared ? { params: specs } : { layerParams: specs }),
      bias({ params, positions }) {
        const [query, key] = [tf.expandDims(positions.query, 1), tf.expandDims(positions.key, 0)];
        const c = tf.abs(param(params, "fire.c"));
        const psi = (x: tf.Tensor) => tf.log(tf.add(tf.mul(c, x), 1));
        const L = tf.mul(threshold * context, tf.abs(param(params, "fire.threshold")));
        // max(·, L), for the gradient of tf.maximum does not sum over broadcast dimensions
        const reach = tf.add(L, tf.relu(tf.sub(tf.maximum(query, key), L))); // (T,S)
        const input = tf.div(psi(tf.abs(tf.sub(query, key))), tf.add(psi(reach), EPSILON));
        const layer = (x: tf.Tensor, name: string) =>
          linear(x, param<tf.Tensor2D>(params, `${name}.weight`), param<tf.Tensor1D>(params, `${name}.bias`));
        const hidden = tf.relu(layer(tf.expandDims(input, 2), "fire.fc")); // (T,S,32)
        return tf.transpose(layer(hidden, "fire.proj"), [2, 0, 1]); // (H,T,S)
      },
    };
  },
});

/** Uniform in ±1/√inputs, as PyTorch's linear layers start and with them the published FIRE. */
const uniform =
  (inputs: number): ParamSpec["init"] =>
  (rng) =>
    (2 * rng.uniform() - 1) / Math.sqrt(inputs);
