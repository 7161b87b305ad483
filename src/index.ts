/**
 * whereabouts: what runs anywhere, in Node, a browser or a worker. `whereabouts/node` adds files,
 * processes and TensorFlow's library.
 *
 * Figures are not part of it: they come with a charting library.
 *
 * @module whereabouts
 */
export { z } from "zod";
// Comparing
export {
  type Condition,
  type Contrast,
  type DecideOptions,
  type Decision,
  decide,
  type Outcome,
} from "./compare/decide.ts";
export { fractionInterval, type Interval, seedInterval } from "./compare/intervals.ts";
export type { SeedOrder } from "./compare/order.ts";
export { equivalenceP, holm, type PairedDifference, pairedDifference } from "./compare/paired.ts";
export { binomialInterval, pairedSuccess } from "./compare/success.ts";
export type { Summary } from "./compare/summaries.ts";
// Data and what it offers to probes
export type { Batch } from "./data/batches.ts";
export {
  type CorpusDefinition,
  type CorpusParts,
  defineCorpus,
  type Texts,
} from "./data/corpora/corpus.ts";
export { type Question, type WhoWorld, whoConfig } from "./data/corpora/who.ts";
export type { WhoData } from "./data/corpora/who-data.ts";
export type { Fact, Role, Voice } from "./data/corpora/who-facts.ts";
export type { Verb } from "./data/corpora/who-words.ts";
export {
  type AnyData,
  type Data,
  type Material,
  type OrderPair,
  openTask,
  openWho,
  type Pairs,
  type Problem,
  type Problems,
  type Windows,
} from "./data/index.ts";
export type { MinimalPair, MinimalPairs } from "./data/material.ts";
export type { Split } from "./data/splits.ts";
export { type TaskData, type TaskProblem, type TaskProblems, taskConfig } from "./data/task-data.ts";
export { defineTask, type Example, type Task } from "./data/tasks/task.ts";
export { createText, type TextConfig, type TextData, type TokenizedText } from "./data/text.ts";
export { memoryStore, type TokenStore, windowsOf } from "./data/token-store.ts";
export { charactersTokenizer, characterVocabulary } from "./data/tokenizers/characters.ts";
export { readTokenizer, type Tokenizer, wordsTokenizer } from "./data/tokenizers/index.ts";
export { pairMaterial, pairsOfLines } from "./data/user-pairs.ts";
// Position encodings
export {
  type AttentionState,
  defineEncoding,
  type EncodingDefinition,
  type ModelShape,
  type PositionEncoding,
  type TransformState,
  type TurningPair,
} from "./encodings/encoding.ts";
export { encodings } from "./encodings/index.ts";
export { type Compiled, type CompileOptions, compile } from "./engine/compile.ts";
export type { Compiler, Precision } from "./engine/compiler.ts";
// Engines
export {
  type AutoOptions,
  currentEngine,
  EngineError,
  type EngineName,
  type EngineRequest,
  type StartEngine,
  type StartedEngine,
  startEngine,
} from "./engine/index.ts";
export { InputError, isInputError, PositionError } from "./errors.ts";
// Formats
export {
  decodeSafetensors,
  encodeSafetensors,
  type Safetensors,
  type StoredTensor,
} from "./formats/safetensors.ts";
export type { TensorData } from "./formats/safetensors-dtypes.ts";
export { type ForeignOptions, foreignTokenizer } from "./formats/tokenizer-json/index.ts";
// Models
export { ablated, type Means } from "./model/ablate.ts";
export { type Ablation, parseAblation, type Replacement } from "./model/ablations.ts";
export type { ByLayer, Pattern } from "./model/by-layer.ts";
export { type ModelConfig, modelSchema } from "./model/config.ts";
export {
  createGenerator,
  type GenerateOptions,
  type Generator,
  type GeneratorOptions,
  type Step,
} from "./model/generate.ts";
export { createModel, type Model } from "./model/model.ts";
export type { Dimensions } from "./model/parameters.ts";
export type { Position, Positions, PositionsInput } from "./model/position-fields.ts";
export { contiguous, positionsOf, requireDefined, type Scheme } from "./model/positions.ts";
export {
  type Choose,
  type Foresight,
  likeliest,
  type Sampling,
  sampler,
  sampleToken,
  samplingSchema,
} from "./model/sampling.ts";
export { keepInto, type Tap } from "./model/taps.ts";
export { type ForwardOptions, forward } from "./model/transformer.ts";
export type { StepValue } from "./probes/first-reached.ts";
// Probes
export { probes } from "./probes/index.ts";
export { logitsOf } from "./probes/logits.ts";
export {
  type AttentionMap,
  type AttentionSelection,
  attentionMaps,
  type Frequency,
  frequenciesOf,
  type LookSubject,
  positionTable,
} from "./probes/look.ts";
export { meanActivations } from "./probes/mean-activations.ts";
export {
  type Comparison,
  comparePair,
  type NextToken,
  type PairOptions,
  type PairSubject,
} from "./probes/pair.ts";
export type { Placing } from "./probes/placing.ts";
export {
  defineProbe,
  type History,
  type Measurement,
  type MeasurementSite,
  type Metric,
  type Need,
  type Probe,
  type Row,
  type StandardError,
  type Subject,
  type SubjectWith,
  type Training,
} from "./probes/probe.ts";
export { probesFor, runProbe, whyNot } from "./probes/run.ts";
// Tensors and parameters
export type { Layout } from "./tensor/flat.ts";
export { argmax, mean } from "./tensor/numbers.ts";
export { linear, rows } from "./tensor/ops.ts";
export {
  countParameters,
  initialize,
  normal,
  ones,
  type ParamSpec,
  type ParamSpecs,
  type Params,
  param,
  zeros,
} from "./tensor/params.ts";
export { hats, type Places, placesOf, readPlaces, sumPlaces } from "./tensor/places.ts";
export { createRng, type Rng, shuffled } from "./tensor/rng.ts";
export { tf } from "./tensor/tf.ts";
export { disposeTree, type TensorTree } from "./tensor/tree.ts";
// Training
export { type TrainConfig, trainSchema } from "./train/config.ts";
export { DivergedError, type TrainingEvents, type TrainingTask, trainLoop } from "./train/loop.ts";
export type { Gradient, Optimized, Optimizer, Vectors } from "./train/optimizer.ts";
export { optimizers } from "./train/optimizers.ts";
export { type Known, listed, type Preset, parsePreset, presetSchema } from "./train/preset.ts";
export { disposeState, initialState, type StepResult, type TrainState } from "./train/step.ts";
export { type TrainOptions, train } from "./train/train.ts";
