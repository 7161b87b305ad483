/** A model, made of the fields of `model` in a preset. */
import type { EncodingDefinition, PositionEncoding } from "../encodings/encoding.ts";
import { encodings } from "../encodings/index.ts";
import type { ParamSpecs } from "../tensor/params.ts";
import type { ModelConfig } from "./config.ts";
import { layerEncodings } from "./hybrid.ts";
import { identify } from "./identity.ts";
import { type Dimensions, parameterSpecs } from "./parameters.ts";
import { positionsByLayer } from "./position-fields.ts";
import type { Tap } from "./taps.ts";

export type { Dimensions } from "./parameters.ts";

/** A model is plain data: its configuration, its encoding and the parameters that it asks for. */
export interface Model {
  readonly config: ModelConfig;
  readonly vocabSize: number;
  readonly shape: Dimensions;
  /** Where layers differ, what they are together: `encodingOf` has that of one layer. */
  readonly encoding: PositionEncoding;
  /** Of each layer, where they differ. */
  readonly byLayer?: readonly PositionEncoding[];
  readonly definition: EncodingDefinition;
  /** Each that a layer has, once. */
  readonly definitions: readonly EncodingDefinition[];
  readonly specs: ParamSpecs;
  /**
   * Changes activations in every pass, before any other tap sees them; left out, none is changed.
   * Where a long context is read in parts, it sees the scores of each part.
   */
  readonly tap?: Tap;
  /** What `tap` changes, as `ablated` was asked: rows of measurements carry it. */
  readonly ablated?: string;
}

/**
 * The model of a parsed configuration.
 *
 * @example
 * const config = modelSchema().parse({ layers: 1, heads: 2, width: 8, context: 8, position: { kind: "rope" } });
 * const model = createModel(config, 10); // V = 10
 * assert.deepEqual(model.specs["wte.weight"]?.shape, [10, 8]); // (V,C)
 */
export function createModel(
  config: ModelConfig,
  vocabSize: number,
  known: readonly EncodingDefinition[] = encodings,
): Model {
  const shape = dimensionsOf(config);
  const positions = positionsByLayer(config, shape.layers);
  const encodings = layerEncodings(positions, known, shape);
  const model: Model = {
    ...{ config, vocabSize, shape, ...encodings },
    specs: parameterSpecs(config, shape, vocabSize, {
      whole: encodings.encoding,
      of: (layer) => encodingOf(encodings, layer),
    }),
  };
  identify(model);
  return model;
}

/** The encoding of a layer. */
export const encodingOf = (
  { encoding, byLayer }: Pick<Model, "encoding" | "byLayer">,
  layer: number,
): PositionEncoding => byLayer?.[layer] ?? encoding;

function dimensionsOf(config: ModelConfig): Dimensions {
  const { layers, heads, width, context, attention } = config;
  const { headWidth = width / heads, keyValueHeads = heads, mlpWidth = 4 * width } = config;
  return {
    layers,
    heads,
    width,
    headWidth,
    keyValueHeads,
    mlpWidth,
    context,
    causal: attention === "causal",
  };
}
