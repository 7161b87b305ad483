/** What an encoding of your own needs: `import { defineEncoding, tf, z } from "whereabouts"` (README, "Add an encoding"). */

export { z } from "zod";
export {
  type AttentionState,
  defineEncoding,
  type EncodingDefinition,
  type ModelShape,
  type PositionEncoding,
} from "./encodings/encoding.ts";
export { InputError } from "./errors.ts";
export { linear, rows } from "./tensor/ops.ts";
export { normal, ones, type ParamSpec, type ParamSpecs, type Params, param, zeros } from "./tensor/params.ts";
export { hats, type Places, placesOf, readPlaces, sumPlaces } from "./tensor/places.ts";
export { tf } from "./tensor/tf.ts";
