/** Fields that the config.json of several architectures share. */
import { z } from "zod";

/** A number of layers, tokens or units: our own schema bounds it further. */
export const size = z
  .int()
  .positive()
  .max(2 ** 24);

/** Names of GELU: the exact one, and its tanh approximation under three names. */
export const geluName = z.enum(["gelu", "gelu_new", "gelu_pytorch_tanh", "gelu_fast"]);

export const geluOf = (name: z.output<typeof geluName>): "erf" | "tanh" => (name === "gelu" ? "erf" : "tanh");

/** An MLP of ReLU, or of one of the GELUs. */
export const activationName = z.enum(["relu", ...geluName.options]);

/** `model.mlp` and `model.gelu` of it. */
export const activationOf = (
  name: z.output<typeof activationName>,
): { readonly mlp: "relu" } | { readonly gelu: "erf" | "tanh" } =>
  name === "relu" ? { mlp: "relu" } : { gelu: geluOf(name) };

/** The name of an MLP that is not gated. */
export function activationWritten({
  mlp,
  gelu,
}: {
  readonly mlp: string;
  readonly gelu: "erf" | "tanh";
}): string {
  if (mlp === "relu") return "relu";
  return gelu === "erf" ? "gelu" : "gelu_new";
}

/** What is lacking where an MLP may be of ReLU or GELU. */
export const gatedLack = ({ mlp }: { readonly mlp: string }): string[] =>
  mlp === "swiglu" ? ['model.mlp "swiglu" where it has "relu" or "gelu"'] : [];

/** `model.mlpWidth`, left out where it is the default. */
export const mlpWidthOf = (inner: number, width: number): { mlpWidth?: number } =>
  inner === 4 * width ? {} : { mlpWidth: inner };

/** Other names of GPT-2's and GPT-J's fields, their `attribute_map`. */
export const shortNames = {
  hidden_size: "n_embd",
  max_position_embeddings: "n_positions",
  num_attention_heads: "n_head",
  num_hidden_layers: "n_layer",
};
