/**
 * A training step as a pure function, compiled: (state, batch) → (state, loss).
 *
 * The step owns the memory: it takes over the state that it is given and returns a new one.
 */
import { type Compiled, compile } from "../engine/compile.ts";
import { statelessUniform } from "../engine/stateless-random.ts";
import type { Model } from "../model/config.ts";
import { initialize, type Params, param } from "../tensor/params.ts";
import { tf } from "../tensor/tf.ts";
import { disposeTree, type TensorTree } from "../tensor/tree.ts";
import { adamw, type Moments, type StepSizes, stepSizes } from "./adamw.ts";
import type { TrainConfig } from "./config.ts";
import { type BatchTensors, meanLoss } from "./objective.ts";
import { learningRateAt } from "./schedule.ts";

export interface TrainState {
  /** Updates done. */
  readonly step: number;
  readonly params: Params;
  readonly moments: Moments;
}

/** The state before the first step. */
export function initialState(model: Model, seed: number): TrainState {
  const zeros = () =>
    Object.fromEntries(Object.entries(model.specs).map(([name, { shape }]) => [name, tf.zeros([...shape])]));
  return { step: 0, params: initialize(model.specs, seed), moments: { first: zeros(), second: zeros() } };
}

export function disposeState({ params, moments }: TrainState): void {
  disposeTree({ params, ...moments });
}

export interface StepResult {
  readonly state: TrainState;
  /** Mean loss of the batch before the update, in nats. */
  readonly lossNats: number;
  /** Global norm of the gradient before clipping. */
  readonly gradientNorm: number;
}

export interface Trainer {
  /** One step. The state given is disposed of, the batch stays the caller's. */
  step(state: TrainState, batch: BatchTensors): StepResult;
}

interface StepInputs extends TensorTree {
  readonly params: Params;
  readonly first: Params;
  readonly second: Params;
  readonly batch: BatchTensors;
  readonly sizes: StepSizes;
  /** (2), int32: what the step's random numbers depend on. */
  readonly noise: { readonly key: tf.Tensor1D };
}

interface StepOutputs extends TensorTree {
  readonly params: Params;
  readonly first: Params;
  readonly second: Params;
  readonly loss: tf.Scalar;
  readonly norm: tf.Scalar;
}

/** The training step of a model, compiled; a second seed of the same model and config compiles nothing. */
export function createTrainer(model: Model, config: TrainConfig, seed: number): Trainer {
  const compiled = compiledStep(model, config);
  return {
    step(state, batch) {
      const sizes = stepSizes(state.step, learningRateAt(state.step, config));
      const noise = { key: tf.tensor1d([seed, state.step], "int32") };
      const { params, moments } = state;
      const { loss, norm, ...next } = compiled({ params, ...moments, batch, sizes, noise });
      disposeTree({ params, ...moments, sizes, noise });
      const result = {
        state: {
          step: state.step + 1,
          params: next.params,
          moments: { first: next.first, second: next.second },
        },
        lossNats: loss.dataSync()[0] as number,
        gradientNorm: norm.dataSync()[0] as number,
      };
      disposeTree({ loss, norm });
      return result;
    },
  };
}

type CompiledStep = Compiled<StepInputs, StepOutputs>;

/** The step that was compiled last, for the next run of the same kind: XLA takes seconds. */
let kept: { readonly definition: object; readonly key: string; readonly compiled: CompiledStep } | undefined;

function compiledStep(model: Model, config: TrainConfig): CompiledStep {
  const { weightDecay, clip, precision } = config;
  const { definition } = model;
  const key = JSON.stringify([model.config, model.vocabSize, weightDecay, clip, precision, tf.getBackend()]);
  if (kept?.key !== key || kept.definition !== definition) {
    kept?.compiled.close();
    const name = `training step of ${definition.kind}`;
    const compiled: CompiledStep = compile((inputs) => update(model, config, inputs), {
      name,
      xla: true,
      precision,
    });
    kept = { definition, key, compiled };
  }
  return kept.compiled;
}

function update(model: Model, config: TrainConfig, inputs: StepInputs): StepOutputs {
  const { params, first, second, batch, sizes, noise } = inputs;
  const names = Object.keys(model.specs);
  const { value: loss, grads } = tf.valueAndGrads((...values: tf.Tensor[]) =>
    meanLoss(model, Object.fromEntries(names.map((name, i) => [name, values[i] as tf.Tensor])), batch, {
      noise: sites(noise.key),
    }),
  )(names.map((name) => param(params, name)));
  const gradients = Object.fromEntries(names.map((name, i) => [name, grads[i] as tf.Tensor]));
  const next = adamw(model.specs, { params, moments: { first, second }, gradients }, sizes, config);
  return { params: next.params, ...next.moments, loss: loss as tf.Scalar, norm: next.norm };
}

/** Uniform numbers for one site of dropout after another: site n of step s draws from the key (seed + n·prime, s). */
function sites(key: tf.Tensor1D): (shape: number[]) => tf.Tensor {
  let site = 0;
  return (shape) =>
    statelessUniform(tf.add(key, tf.tensor1d([SITE_STRIDE * site++, 0], "int32")) as tf.Tensor1D, shape);
}

/** Keeps the sites of one seed apart from those of the next: 7919·n + seed meets another pair only after 7,919 seeds. */
const SITE_STRIDE = 7919;
