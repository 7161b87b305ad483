/** Tensors of a file that hold no weight of the model, each compared with what it is set aside as. */
import type { Model } from "../../model/model.ts";
import type { StoredTensor } from "../safetensors.ts";

export interface Ignored {
  /** Of its name, without the architecture's prefix. */
  readonly name: RegExp;
  /** For messages: "a causal mask". */
  readonly what: string;
  /** Whether it is that; left out where nothing of ours depends on it. */
  holds?(tensor: StoredTensor, model: Model): boolean;
}

/** A mask of ones up to the diagonal, (…,n,n). */
export function causalMask(name: RegExp): Ignored {
  const holds = ({ shape, data }: StoredTensor) => {
    const n = shape.at(-1) ?? 0;
    if (shape.at(-2) !== n || data.length !== n * n) return false;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) if (data[i * n + j] !== (j <= i ? 1 : 0)) return false;
    }
    return true;
  };
  return { name, what: "a causal mask", holds };
}

/** What stands for −∞ in scores that a mask hides: −1e4, −1e9, or that in half precision. */
export const hiddenScore = (name: RegExp): Ignored => ({
  name,
  what: "the score of what a mask hides",
  holds: ({ data }) => data.length === 1 && (data[0] as number) < -9e3,
});

/** The masks that each block of GPT-2 and GPT-J holds. */
export const masksOfBlocks: readonly Ignored[] = [
  causalMask(/^h\.\d+\.attn\.bias$/),
  hiddenScore(/^h\.\d+\.attn\.masked_bias$/),
];

/** Positions 0, 1, 2, … */
export const countingIds = (name: RegExp): Ignored => ({
  name,
  what: "the positions 0, 1, 2, …",
  holds: ({ data }) => data.every((value, i) => value === i),
});

/** Frequencies of rotary positions, R/2 of them; half precision rounds by a part in 256 at most. */
export function inverseFrequencies(name: RegExp, of: (model: Model) => readonly number[]): Ignored {
  const holds = ({ data }: StoredTensor, model: Model) => {
    const expected = of(model);
    const near = (value: number, i: number) =>
      Math.abs(value / (expected[i] as number) - 1) < 0.01 ||
      Math.abs(value - (expected[i] as number)) < 1e-6;
    return data.length === expected.length && data.every(near);
  };
  return { name, what: "the frequencies of its rope_theta", holds };
}
