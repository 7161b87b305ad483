/**
 * Where an imported model comes from: what its checkpoint keeps, what an export asks for, and what
 * a person reads of it.
 */
import { z } from "zod";
import { encodingOf, type Model } from "../../model/model.ts";

const tokenId = z.union([z.int(), z.array(z.int()).max(64)]).nullish();
const tokenIds = z.object({ bos_token_id: tokenId, eos_token_id: tokenId, pad_token_id: tokenId });

export const originSchema = z.looseObject({
  /** `model_type` of its config.json. */
  architecture: z.string(),
  /** For messages: "GPT-2". */
  title: z.string().optional(),
  /** The row of position 0 in its table of positions, where it is not 0. */
  firstRow: z
    .int()
    .min(0)
    .max(2 ** 24)
    .optional(),
  /** What its config.json says of tokens: what generates with an export stops where it did before. */
  tokenIds: tokenIds.optional(),
  /** SHA-256 of the files of its weights, by name. */
  sha256: z.record(z.string(), z.string()).optional(),
  /** Which columns of queries and keys turn together, where any do. */
  rotation: z.string().optional(),
  /** What of its files was not used, or read otherwise than it stands. */
  notes: z.array(z.string()).optional(),
});

export type Origin = z.output<typeof originSchema>;

/** `tokenIds` of a config.json; none where they are not ids. */
export const tokenIdsOf = (config: unknown): Origin["tokenIds"] => tokenIds.safeParse(config).data;

/**
 * How a rotation pairs the columns of a head. Hugging Face's files of RoPE come in two conventions,
 * and one read as the other is a model that is nearly right.
 */
export function rotationOf(model: Model): string | undefined {
  const { layers, context, headWidth: D } = model.shape;
  const turning = Array.from({ length: layers }, (_, layer) => encodingOf(model, layer).pairs);
  const pairs = turning.find((one) => one !== undefined)?.(context) ?? [];
  const [first] = pairs;
  if (first === undefined) return undefined;
  const [a, b] = first.columns;
  const R = 2 * pairs.length;
  const part = R === D ? `all ${D} columns` : `${R} of ${D} columns`;
  const how = b - a === 1 && R > 2 ? "interleaved (2k with 2k + 1)" : `half-split (k with k + ${b - a})`;
  return `${part} of a head turn, ${how}; rows of queries and keys as they are stored`;
}

/** What is said of where a model comes from, a line or two. */
export function originLines({ title, architecture, sha256 = {}, rotation }: Origin): string[] {
  const files = Object.entries(sha256).map(([file, sum]) => `${file} sha256 ${sum}`);
  return [
    ...(files.length === 0 ? [] : [`${title ?? architecture}: ${files.join(", ")}`]),
    ...(rotation === undefined ? [] : [`rotation: ${rotation}`]),
  ];
}

/** All that a person should know of a checkpoint before it is used. */
export const knownOf = ({
  origin,
  notes,
}: {
  readonly origin?: Origin | undefined;
  readonly notes: readonly string[];
}): string[] => [...(origin === undefined ? [] : originLines(origin)), ...notes];
