/**
 * Which part of a model is taken out, and what takes its place:
 *
 *     blocks.1.attn_out            zero, the default
 *     blocks.*.attn.z.3            head 3 of every block
 *     blocks.0.mlp_out=mean        the mean over contexts and positions (mean ablation)
 *     blocks.0.attn.pattern=uniform    every key that a query may see counts alike
 *     blocks.0.attn.pos            all that positions bring to a block's attention: the rotation is undone, bias and values are zero
 *     pos                          the same of every block, and what is added to the tokens
 *
 * The causal mask is the model's, not the encoding's, and stays; so does an encoding's own scale.
 * Where an encoding's term depends on content too (CoPE, forgetting, Transformer-XL's u·k), it goes
 * as a whole. The table of an imported BERT holds the embedding of segment 0 in every row:
 * `pos_embed=mean` takes the positions out and leaves that.
 *
 * The names are those of `taps.ts`.
 */
import { InputError } from "../errors.ts";
import { didYouMean } from "../nearest.ts";
import { encodingOf, type Model } from "./model.ts";

/** What takes the place of an activation. */
export type Replacement = "zero" | "mean" | "uniform";

/** One part of a model, and what takes its place. */
export interface Ablation {
  /** As it was asked for. */
  readonly text: string;
  /**
   * The activations, such as `blocks.0.attn.z`: several where a name has `*`, or is of all that
   * positions bring.
   */
  readonly names: readonly string[];
  readonly head?: number | undefined;
  readonly by: Replacement;
}

const STREAM = ["resid_pre", "attn_out", "resid_mid", "mlp_out", "resid_post"];

/** The part that stands for all that an encoding brings. */
const POSITION = "pos";

/** How many heads an activation has; 0 for those of the stream, (B,T,C). */
export const headsOf = (model: Model, name: string): number =>
  partsOf(model, layerIn(name))[partIn(name)] ?? 0;

/** Activations of a block by the number of their heads. */
function partsOf(model: Model, layer: number): Record<string, number> {
  const { heads: H, keyValueHeads: G } = model.shape;
  const { transform, bias, values } = encodingOf(model, layer);
  const ofHeads = {
    ...(model.config.qkNorm && { q_projected: H, k_projected: G }),
    ...{ q: H, k: G },
    ...(transform && { rot_q: H, rot_k: G }),
    ...{ v: G, z: H },
    ...(values && { pos_values: H }),
    ...(bias && { bias: H }),
    ...{ attn_scores: H, pattern: H },
    ...((transform || bias || values) && { [POSITION]: H }),
  };
  return {
    ...Object.fromEntries(STREAM.map((name) => [name, 0])),
    ...Object.fromEntries(Object.entries(ofHeads).map(([name, heads]) => [`attn.${name}`, heads])),
  };
}

const wholeNames = ({ encoding }: Model): string[] => ["embed", ...(encoding.embed ? ["pos_embed"] : [])];

/** The names that a model can be asked for, `L` for a block. */
function knownNames(model: Model): string[] {
  const parts = new Set(blocksOf(model).flatMap((layer) => Object.keys(partsOf(model, layer))));
  const bringsAny = parts.has(`attn.${POSITION}`) || model.encoding.embed !== undefined;
  return [
    ...(bringsAny ? [POSITION] : []),
    ...wholeNames(model),
    ...[...parts].map((part) => `blocks.L.${part}`),
  ];
}

const blocksOf = ({ shape }: Model) => Array.from({ length: shape.layers }, (_, layer) => layer);

/** Layers of a hybrid differ in the parts that they have. */
const blocksWith = (model: Model, part: string) =>
  blocksOf(model).filter((layer) => Object.hasOwn(partsOf(model, layer), part));

/**
 * One ablation from its text, `NAME[.HEAD][=zero|mean|uniform]`.
 *
 * @throws InputError for a name, a block or a head that the model lacks, or a replacement that the
 *   activation has not.
 * @example
 * const config = modelSchema().parse({ layers: 2, heads: 2, width: 8, context: 8, position: { kind: "rope" } });
 * const model = createModel(config, 10); // V = 10
 * assert.deepEqual(parseAblation(model, "blocks.*.attn.z.1").names, ["blocks.0.attn.z", "blocks.1.attn.z"]);
 * assert.deepEqual(parseAblation(model, "blocks.0.attn.pos").names, ["blocks.0.attn.pos"]);
 */
export function parseAblation(model: Model, text: string): Ablation {
  const [asked = "", by = "zero", ...more] = text.split("=");
  if (more.length > 0 || !["zero", "mean", "uniform"].includes(by))
    throw new InputError(`ablate: ${text}: ${by} is none of zero, mean, uniform; give such as ${asked}=zero`);
  const [, base = asked, index] = /^(.*)\.(\d+)$/.exec(asked) ?? [];
  const head = index === undefined ? undefined : Number(index);
  const names = namesOf(model, base, text);
  for (const name of names) requireHead(model, name, head, text);
  requireReplacement(names, by as Replacement, text);
  return { text, names, head, by: by as Replacement };
}

function namesOf(model: Model, base: string, text: string): string[] {
  const { layers } = model.shape;
  if (base === POSITION && knownNames(model).includes(POSITION)) {
    const inBlocks = blocksWith(model, `attn.${POSITION}`);
    const before = wholeNames(model).filter((name) => name !== "embed");
    return [...before, ...inBlocks.map((layer) => `blocks.${layer}.attn.${POSITION}`)];
  }
  if (wholeNames(model).includes(base)) return [base];
  const [, at, part = ""] = /^blocks\.(\d+|\*)\.(.+)$/.exec(base) ?? [];
  const having = blocksWith(model, part);
  if (at === undefined || having.length === 0) throw unknown(model, base, text);
  const chosen = at === "*" ? having : [Number(at)];
  if ((chosen[0] as number) >= layers)
    throw new InputError(`ablate: ${text}: there is no block ${at}; give 0 to ${layers - 1}, or * for all`);
  if (!having.includes(chosen[0] as number))
    throw new InputError(
      `ablate: ${text}: block ${at} has no ${part}; give ${having.join(", ")}, or * for all that have it`,
    );
  return chosen.map((layer) => `blocks.${layer}.${part}`);
}

function unknown(model: Model, base: string, text: string): InputError {
  const known = knownNames(model);
  const meant = didYouMean(base.replace(/^blocks\.(\d+|\*)/, "blocks.L"), known);
  return new InputError(
    `ablate: ${text}: is no activation of this model, whose encoding is ${model.definition.kind}${meant}; known: ${known.join(", ")} (L a block or *; .HEAD after those of attn)`,
  );
}

/** Without its block. */
export const partIn = (name: string) => name.replace(/^blocks\.\d+\./, "");

const layerIn = (name: string) => Number(/^blocks\.(\d+)\./.exec(name)?.[1] ?? 0);

function requireHead(model: Model, name: string, head: number | undefined, text: string): void {
  if (head === undefined) return;
  const { heads: H, keyValueHeads: G } = model.shape;
  const part = partIn(name);
  const heads = headsOf(model, name);
  if (heads === 0) throw new InputError(`ablate: ${text}: ${name} has no heads; leave .${head} out`);
  if (head >= heads)
    throw new InputError(`ablate: ${text}: ${name} has no head ${head}; give 0 to ${heads - 1}`);
  if (part === `attn.${POSITION}` && G < H && encodingOf(model, layerIn(name)).transform)
    throw new InputError(
      `ablate: ${text}: ${H / G} heads share each key, and with it its rotation; leave .${head} out`,
    );
}

/**
 * What the scores and the weights of a query are averaged over would differ with the length of its
 * context.
 */
function requireReplacement(names: readonly string[], by: Replacement, text: string): void {
  const ofPairs = ["attn.bias", "attn.attn_scores", "attn.pattern", `attn.${POSITION}`];
  for (const name of names) {
    if (by === "mean" && ofPairs.includes(partIn(name)))
      throw new InputError(
        `ablate: ${text}: ${name} has no mean over positions; give zero, or uniform for a pattern`,
      );
    if (by === "uniform" && partIn(name) !== "attn.pattern")
      throw new InputError(`ablate: ${text}: uniform is of a pattern; give blocks.L.attn.pattern=uniform`);
  }
}
