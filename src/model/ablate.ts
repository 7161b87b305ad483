/**
 * A model without one of its parts: an activation, one head of it, or what positions bring, is set
 * to zero, to its mean or to a uniform pattern, in every pass.
 *
 * Zero ablation takes a part away; mean ablation leaves what it says on average, so that what reads
 * it stays in range. The change is a tap of the model's own: an ablated model reads long contexts
 * in parts, caches keys and compiles as any other.
 */
import { InputError } from "../errors.ts";
import { tf } from "../tensor/tf.ts";
import { type Ablation, headsOf, partIn } from "./ablations.ts";
import type { Model } from "./model.ts";
import { MASKED } from "./sight.ts";
import { bothTaps, type Tap } from "./taps.ts";

/** Of activations over contexts and positions: (C), or (H,D) flat. */
export type Means = Readonly<Record<string, ArrayLike<number>>>;

/**
 * The model without these parts: every pass of it, a probe's or a generator's, sees the change, and
 * measurements say so.
 *
 * @param means of the activations that `by: "mean"` replaces, such as `meanActivations` computes
 * @example
 * const config = modelSchema().parse({ layers: 2, heads: 2, width: 8, context: 8, position: { kind: "rope" } });
 * const model = createModel(config, 10); // V = 10
 * const without = ablated(model, [parseAblation(model, "pos")]);
 * assert.equal(without.ablated, "pos");
 */
export function ablated(model: Model, ablations: readonly Ablation[], means: Means = {}): Model {
  if (ablations.length === 0) return model;
  const text = ablations.map((one) => one.text).join(", ");
  return {
    ...model,
    tap: bothTaps(model.tap, ablationTap(model, ablations, means)),
    ablated: model.ablated === undefined ? text : `${model.ablated}, ${text}`,
  };
}

type Change = (x: tf.Tensor) => tf.Tensor;

/** One tap for all, so that a rotation is undone to queries as the other ablations left them. */
function ablationTap(model: Model, ablations: readonly Ablation[], means: Means): Tap {
  const unturned = new Map<string, tf.Tensor>();
  const changes = new Map<string, Change[]>();
  for (const { names, head, by } of ablations) {
    for (const name of names) {
      for (const [at, change] of changesOf(name, by, means, unturned)) {
        const heads = headsOf(model, at);
        const whole: Change = head === undefined ? change : (x) => inHead(x, change(x), head, heads);
        changes.set(at, [...(changes.get(at) ?? []), whole]);
      }
    }
  }
  const remembered = new Set(
    [...changes.keys()].filter((name) => name.includes("rot_")).map((name) => name.replace("rot_", "")),
  );
  return <T extends tf.Tensor>(name: string, activation: T): T => {
    const changed = (changes.get(name) ?? []).reduce<tf.Tensor>((x, change) => change(x), activation);
    if (remembered.has(name)) unturned.set(name, changed);
    return changed as T;
  };
}

const zero: Change = (x) => tf.zerosLike(x);

/** Every key that is seen gets the same weight; what is masked stays so. */
const level: Change = (x) => tf.where(tf.greater(x, MASKED / 2), tf.zerosLike(x), x);

/** @returns by activation, what is made of it */
function changesOf(
  name: string,
  by: Ablation["by"],
  means: Means,
  unturned: Map<string, tf.Tensor>,
): [string, Change][] {
  const part = partIn(name);
  const beside = (other: string) => name.replace(/[a-z_]+$/, other);
  if (part === "attn.pos") {
    const undone =
      (which: string): Change =>
      () =>
        unturned.get(beside(which)) as tf.Tensor; // q comes before rot_q
    return [
      [beside("rot_q"), undone("q")],
      [beside("rot_k"), undone("k")],
      [beside("bias"), zero],
      [beside("pos_values"), zero],
    ];
  }
  if (by === "uniform") return [[beside("attn_scores"), level]];
  if (by === "mean") return [[name, meanOf(name, means)]];
  return [[name, part === "attn.attn_scores" ? level : zero]];
}

/** @throws TypeError where the mean was not given */
function meanOf(name: string, means: Means): Change {
  const mean = means[name];
  if (mean === undefined)
    throw new TypeError(`ablated: has no mean of ${name}; give one, such as meanActivations computes`);
  const values = Float32Array.from(mean);
  return (x) => {
    const H = partIn(name).startsWith("attn.") && x.rank === 4 ? (x.shape[1] as number) : undefined;
    const constant = H === undefined ? tf.tensor1d(values) : tf.tensor3d(values, [H, 1, values.length / H]);
    return tf.add(tf.zerosLike(x), constant);
  };
}

/**
 * `changed` in one head, `x` in the others. Heads lie on the third axis from the end, which a bias
 * may lack.
 */
function inHead(x: tf.Tensor, changed: tf.Tensor, head: number, heads: number): tf.Tensor {
  if (changed.shape.at(-1) !== x.shape.at(-1))
    throw new InputError(
      `ablate: head ${head}: the encoding makes queries and keys ${x.shape.at(-1)} wide, which the other heads stay; leave .${head} out`,
    );
  const mask = tf.tensor3d(
    Array.from({ length: heads }, (_, h) => (h === head ? 1 : 0)),
    [heads, 1, 1],
  );
  return tf.add(tf.mul(x, tf.sub(1, mask)), tf.mul(changed, mask));
}
