/** Models of ours that `parity` exports: each a point of an architecture of Hugging Face's libraries. */

/** Token ids of several contexts. */
export type Ids = readonly (readonly number[])[];

/** Its tokenizer's padding token, which no context has. */
export const PAD = 7;

export const IDS: Ids = [
  [3, 1, 4, 1, 5, 9, 2],
  [6, 5, 3, 5, 8, 16, 0],
];
/** Past the length that scalings start from. */
const LONG: Ids = [Array.from({ length: 40 }, (_, i) => (i * i + 3) % 17)];

export const sizes = { layers: 2, heads: 3, width: 24, context: 10 };
const bertLike = {
  attention: "bidirectional",
  norm: "post",
  embeddingNorm: true,
  normEpsilon: 1e-12,
  gelu: "erf",
};

const llamaLike = { normKind: "rms", mlp: "swiglu", bias: false, heads: 4, keyValueHeads: 2, mlpWidth: 40 };
const scaled = (kind: string, fields: object = {}) => ({
  ...{ context: 16, position: { kind: "rope", base: 100, scaling: { kind, ...fields } } },
  ids: LONG,
});

const gptJLike = { residual: "parallel-one-norm", bias: "mlp", head: "biased", tied: false };

/** Models of ours, each a point of an architecture of theirs: the first that fits, or the one named. */
export const OURS: Readonly<
  Record<string, { readonly as?: string; readonly ids?: Ids } & Record<string, unknown>>
> = {
  "gpt2, a step directory": { position: { kind: "learned" } },
  gpt2: { position: { kind: "learned" }, tied: false, dropout: 0.1 },
  bert: { ...bertLike, head: "transform", position: { kind: "learned" } },
  "gpt-neox": { residual: "parallel", gelu: "erf", tied: false, position: { kind: "rope", rotary: 0.5 } },
  "gpt-neox, squeezed": { position: { kind: "rope", base: 500, scaling: { kind: "linear", factor: 2 } } },
  bloom: { embeddingNorm: true, position: { kind: "alibi" } },
  roberta: { ...bertLike, as: "roberta", head: "transform", position: { kind: "learned" } },
  distilbert: { ...bertLike, as: "distilbert", head: "transform", position: { kind: "learned" } },
  opt: { mlp: "relu", position: { kind: "learned" } },
  "opt, gelu": { as: "opt", gelu: "erf", tied: false, mlpWidth: 40, position: { kind: "learned" } },
  "distilbert, relu": {
    ...bertLike,
    ...{ as: "distilbert", gelu: "tanh", mlp: "relu" },
    position: { kind: "learned" },
  },
  gptj: { ...gptJLike, position: { kind: "rope", layout: "interleaved", rotary: 0.5 } },
  "gptj, tied": { ...gptJLike, tied: true, position: { kind: "rope", layout: "interleaved" } },
  mpt: { bias: false, gelu: "erf", position: { kind: "alibi" } },
  llama: { ...llamaLike, tied: false, position: { kind: "rope" } },
  "llama, biased": { ...llamaLike, bias: true, headWidth: 8, position: { kind: "rope" } },
  "llama, linear": { ...llamaLike, ...scaled("linear") },
  "llama, dynamic": { ...llamaLike, ...scaled("dynamic") },
  "llama, yarn": { ...llamaLike, ...scaled("yarn") },
  "llama, yarn of 10": { ...llamaLike, ...scaled("yarn", { original: 10, attention: 1.2, truncate: false }) },
  mistral: { ...llamaLike, position: { kind: "rope" }, window: 3 },
  qwen2: { ...llamaLike, bias: "qkv", position: { kind: "rope" }, window: [null, 3] },
  qwen3: { ...llamaLike, qkNorm: true, headWidth: 10, position: { kind: "rope" } },
  phi3: { ...llamaLike, headWidth: 8, position: { kind: "rope", rotary: 0.5 } },
  "phi3, longrope": {
    ...{ ...llamaLike, as: "phi3", context: 16, ids: LONG, window: 5 },
    position: { kind: "rope", scaling: { kind: "longrope", original: 10, long: [1, 2, 4] } },
  },
  smollm3: { ...llamaLike, position: ["rope", "none"], window: [null, 3] },
  "llama, llama3": { ...llamaLike, ...scaled("llama3", { original: 10 }) },
  "llama, longrope": {
    ...llamaLike,
    ...scaled("longrope", { original: 10, long: [1, 2, 4], attention: 1.2 }),
  },
  "llama, longrope of ntk": { ...llamaLike, ...scaled("longrope") },
  "llama, p-rope": { ...llamaLike, position: { kind: "rope", turning: 0.7 } },
  "gpt-neox, yarn": { ...scaled("yarn", { original: 10 }), heads: 2 },
  "smollm3, unturned": { ...llamaLike, position: { kind: "none" } },
};
