/** What BERT and its kin share: post-norm blocks, positions with a segment, the masked-LM head. */
import type { ModelConfig } from "../../model/config.ts";
import { CLASSIC, type Fields, type ModelFields } from "./architecture.ts";
import { sideBySide } from "./projections.ts";
import { afterZeros, leftOutRows, linear, normalization, type Rule, same } from "./rules.ts";
import { type Tie, tiedHead } from "./ties.ts";

/** What they do with each field of `model`. */
export const ENCODER: Fields = {
  ...CLASSIC,
  attention: { is: "bidirectional" },
  norm: { is: "post" },
  embeddingNorm: { is: true },
  head: "said",
};

/** Until 2020 gains and biases of normalization were saved as gamma and beta. */
export const gammaAndBeta = (name: string): string[] => [
  name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta"),
];

/** Names of one block of theirs, each without `.weight` and `.bias`. */
export interface EncoderNames {
  readonly attention: readonly [query: string, key: string, value: string];
  readonly attentionOutput: string;
  readonly attentionNorm: string;
  readonly mlp: readonly [inner: string, outer: string];
  readonly mlpNorm: string;
}

/** A post-norm block. */
export function encoderBlock(layer: number, names: EncoderNames, C: number, M: number): Rule[] {
  const ours = `h.${layer}`;
  return [
    ...sideBySide(
      `${ours}.attn.c_attn`,
      names.attention.map((name) => ({ name, rows: C })),
      C,
      true,
    ),
    ...linear(`${ours}.attn.c_proj`, names.attentionOutput, [C, C]),
    ...normalization(`${ours}.ln_1`, names.attentionNorm, C),
    ...linear(`${ours}.mlp.c_fc`, names.mlp[0], [C, M]),
    ...linear(`${ours}.mlp.c_proj`, names.mlp[1], [M, C]),
    ...normalization(`${ours}.ln_2`, names.mlpNorm, C),
  ];
}

/** Names of a block of BERT and RoBERTa. */
export function bertBlockNames(theirs: string): EncoderNames {
  const [query, key, value] = ["query", "key", "value"].map((part) => `${theirs}.attention.self.${part}`);
  return {
    attention: [query as string, key as string, value as string],
    attentionOutput: `${theirs}.attention.output.dense`,
    attentionNorm: `${theirs}.attention.output.LayerNorm`,
    mlp: [`${theirs}.intermediate.dense`, `${theirs}.output.dense`],
    mlpNorm: `${theirs}.output.LayerNorm`,
  };
}

/** What of a head none of them has. */
export const headLack = ({ head, tied }: Pick<ModelConfig, "head" | "tied">): string[] => [
  ...(head === "linear" && !tied ? ['model.tied false with model.head "linear"'] : []),
  ...(head === "biased" ? ['model.head "biased" where it has "linear" or "transform"'] : []),
];

/** Names of a masked-LM head. */
export interface HeadNames {
  readonly transform: string;
  readonly norm: string;
  readonly bias: string;
  readonly weight: string;
  /** A second parameter for the bias, which an untied head adds instead. */
  readonly biasCopy?: string;
}

/** @param words the table of tokens */
export const headTies =
  ({ weight, bias, biasCopy }: HeadNames, words: string) =>
  ({ head, tied }: Pick<ModelFields, "head" | "tied">): readonly Tie[] =>
    head !== "transform"
      ? []
      : [
          ...tiedHead(weight, words)({ tied }),
          ...(biasCopy === undefined ? [] : [{ copy: biasCopy, of: bias, unlike: "prefer" } as const]),
        ];

export function maskedHead(names: HeadNames, C: number, V: number, tied: boolean): Rule[] {
  const copy = tied ? undefined : names.biasCopy;
  return [
    ...linear("lm_head.transform", names.transform, [C, C]),
    ...normalization("lm_head.norm", names.norm, C),
    { ...same("lm_head.bias", names.bias, [V]), ...(copy !== undefined && { copy }) },
    ...(tied ? [] : [same("lm_head.weight", names.weight, [V, C])]),
  ];
}

/**
 * Positions from a row on, and the embedding of segment 0, which each of them gets.
 *
 * @param embeddings such as "bert.embeddings"
 */
export function segmentedPositions(
  embeddings: string,
  firstRow: number,
  [P, C]: readonly [number, number],
): Rule {
  const [table, types] = [
    `${embeddings}.position_embeddings.weight`,
    `${embeddings}.token_type_embeddings.weight`,
  ];
  return {
    ours: "wpe.weight",
    theirs: [
      { name: table, shape: [firstRow + P, C] },
      { name: types, shape: [-1, C] },
    ],
    toOurs: ([positions, segments]) =>
      (positions as Float32Array)
        .slice(firstRow * C)
        .map((value, i) => value + ((segments as Float32Array)[i % C] as number)),
    toTheirs: (values) => [afterZeros(values, firstRow * C), new Float32Array(2 * C)],
    leavesOut([, segments]) {
      const others =
        (segments as Float32Array).length > C
          ? `${types} is used in its first row: every token is read as of segment 0`
          : undefined;
      const said = [leftOutRows(table, firstRow), others].filter((one) => one !== undefined);
      return said.length > 0 ? said.join("; ") : undefined;
    },
  };
}
