/**
 * What a step directory tells Hugging Face's libraries in config.json.
 *
 * A causal, pre-norm model with learned positions and biases is a GPT-2, and its folder loads there as it is. Every other model has
 * fields that only name it.
 */
import type { Tokenizer } from "../data/tokenizers/tokenizer.ts";
import type { Model } from "../model/config.ts";

/** Fields of config.json beside our own. */
export function huggingFaceFields(model: Model, tokenizer: Tokenizer): Record<string, unknown> {
  if (!isGpt2(model)) return { model_type: "whereabouts" };
  const { layers, heads, width, context } = model.shape;
  const { dropout, tied } = model.config;
  return {
    model_type: "gpt2",
    architectures: ["GPT2LMHeadModel"],
    vocab_size: model.vocabSize,
    n_positions: context,
    n_ctx: context,
    n_embd: width,
    n_layer: layers,
    n_head: heads,
    n_inner: 4 * width,
    activation_function: "gelu_new",
    layer_norm_epsilon: 1e-5,
    initializer_range: 1 / Math.sqrt(width),
    resid_pdrop: dropout,
    embd_pdrop: dropout,
    attn_pdrop: dropout,
    tie_word_embeddings: tied,
    bos_token_id: tokenizer.bos ?? null,
    eos_token_id: null,
  };
}

function isGpt2({ config }: Model): boolean {
  const { attention, norm, bias, tokenScale, position } = config;
  return attention === "causal" && norm === "pre" && bias && tokenScale === 1 && position.kind === "learned";
}
