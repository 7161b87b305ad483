import { acrossTraining } from "./across-training.ts";
import { attention } from "./attention.ts";
import { equivariance } from "./equivariance.ts";
import { field } from "./field.ts";
import type { Figure } from "./figure.ts";
import { frequencies } from "./frequencies.ts";
import { headTypes } from "./head-types.ts";
import { kernels } from "./kernels.ts";
import { layerDistance } from "./layer-distance.ts";
import { leakage } from "./leakage.ts";
import { length } from "./length.ts";
import { minimal } from "./minimal.ts";
import { needle } from "./needle.ts";
import { orderRange } from "./order-range.ts";
import { pair } from "./pair.ts";
import { patching } from "./patching.ts";
import { policies } from "./policies.ts";
import { positionGeometry } from "./position-geometry.ts";
import { positionTables } from "./position-tables.ts";
import { readout } from "./readout.ts";
import { scoreTerms } from "./score-terms.ts";
import { shiftCost } from "./shift-cost.ts";
import { shuffleCost } from "./shuffle-cost.ts";
import { stories } from "./stories.ts";
import { streamCosine } from "./stream-cosine.ts";
import { success } from "./success.ts";
import { order } from "./swap-accuracy.ts";
import { tradeoff } from "./tradeoff.ts";
import { training } from "./training.ts";
import { twoSentences } from "./two-sentences.ts";
import { windows } from "./windows.ts";

/** Every figure, in the order of the page. */
export const figures: readonly Figure[] = [
  order,
  twoSentences,
  pair,
  shuffleCost,
  orderRange,
  minimal,
  layerDistance,
  equivariance,
  readout,
  patching,
  length,
  stories,
  success,
  tradeoff,
  windows,
  policies,
  field,
  needle,
  positionTables,
  positionGeometry,
  streamCosine,
  scoreTerms,
  shiftCost,
  acrossTraining,
  attention,
  kernels,
  leakage,
  headTypes,
  frequencies,
  training,
];
