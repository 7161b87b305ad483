/** Fields of `model` that change attention itself, whatever the encoding: all leave it as it is when left out. */
import { z } from "zod";
import { listOf, windowSchema } from "./by-layer.ts";

const temperature = z.discriminatedUnion("kind", [
  /** s·ln n, s learned by each head, n the keys that the query sees (Nakanishi 2025, arXiv:2501.19399). */
  z.strictObject({ kind: z.literal("ssmax") }),
  /** ln n/ln L_max: SSMax with a fixed s, which leaves a context of L_max tokens its scores. */
  z.strictObject({ kind: z.literal("log-n") }),
  /** 1 + scale·ln(1 + ⌊(i + 1)/floor⌋) at token i of the context (Llama 4, on layers that do not rotate). */
  z.strictObject({
    kind: z.literal("llama4"),
    floor: z.number().positive().max(1e9).default(8192),
    scale: z.number().positive().max(1e3).default(0.1),
  }),
]);

export type Temperature = z.output<typeof temperature>;

const temperatures = listOf(temperature.nullable());

export const attentionFields = {
  /**
   * W: a query sees the keys that are fewer than W tokens away. A list or a pattern gives one each
   * layer, null the whole context; all layers see it when left out.
   */
  window: windowSchema.optional(),
  /** A factor on queries, which grows with the context. By layer as `window`, null for none. */
  temperature: z.union([temperature, temperatures, z.strictObject({ pattern: temperatures })]).optional(),
  /** Whether each head has a learned score beside those of keys, to which no value belongs (gpt-oss). */
  sinks: z.boolean().optional(),
  /**
   * σ(W·x) on what attention has mixed: of each number, or of each head (Qiu et al. 2025,
   * arXiv:2505.06708, after the mixing of values).
   */
  gate: z.enum(["elementwise", "headwise"]).optional(),
};

/** What of them decides which parameters there are. */
export interface AttentionFields {
  readonly sinks?: boolean | undefined;
  readonly gate?: "elementwise" | "headwise" | undefined;
}
