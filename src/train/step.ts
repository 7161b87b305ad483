/**
 * Training steps, compiled: (state, batch) → (state, loss) is a pure function of tensors; a trainer keeps the state between two calls.
 */
import { compileStateful, type Stateful } from "../engine/stateful.ts";
import type { Model } from "../model/model.ts";
import { bySlot, flatten, type GroupVectors, type Layout, layoutOf, unflatten } from "../tensor/flat.ts";
import { initialize, type Params } from "../tensor/params.ts";
import { tf } from "../tensor/tf.ts";
import { disposeTree } from "../tensor/tree.ts";
import type { TrainConfig } from "./config.ts";
import type { BatchTensors } from "./objective.ts";
import type { Optimizer } from "./optimizer.ts";
import { optimizers } from "./optimizers.ts";
import { type StateVectors, type StepInputs, type StepOutputs, update } from "./update.ts";

/** All that training goes on from. The tensors are the owner's to dispose of. */
export interface TrainState {
  /** Updates done. */
  readonly step: number;
  readonly params: Params;
  /** What the optimizer keeps of each parameter, by slot. */
  readonly slots: Readonly<Record<string, Params>>;
}

/**
 * The state before the first step.
 *
 * @example
 * const config = modelSchema().parse({ layers: 1, heads: 2, width: 8, context: 8, position: { kind: "rope" } });
 * const model = createModel(config, 10); // V = 10
 * const state = initialState(model, 1);
 * assert.deepEqual([state.step, Object.keys(state.slots)], [0, ["first", "second"]]);
 */
export function initialState(
  model: Model,
  seed: number,
  name: TrainConfig["optimizer"] = "adamw",
): TrainState {
  const layout = layoutOf(model.specs);
  const slots = tf.tidy(() => slotsIn(layout, bySlot(layout.map(({ size }) => optimizers[name].init(size)))));
  return { step: 0, params: initialize(model.specs, seed), slots };
}

const slotsIn = (layout: Layout, slots: Readonly<Record<string, GroupVectors>>): Record<string, Params> =>
  Object.fromEntries(Object.entries(slots).map(([slot, vectors]) => [slot, unflatten(layout, vectors)]));

/**
 * Disposes of the tensors of a state.
 *
 * @example
 * const config = modelSchema().parse({ layers: 1, heads: 2, width: 8, context: 8, position: { kind: "rope" } });
 * const model = createModel(config, 10); // V = 10
 * disposeState(initialState(model, 1));
 */
export function disposeState({ params, slots }: TrainState): void {
  disposeTree({ params, slots });
}

/** What a step of training gives beside the next state. */
export interface StepResult {
  /** Updates done, this one included. */
  readonly step: number;
  /** Mean loss of the batch before the update, in nats. */
  readonly lossNats: number;
  /** Global norm of the gradient before clipping. */
  readonly gradientNorm: number;
}

/** Owns the state of a training run. */
export interface Trainer {
  /** Updates done. */
  readonly steps: number;
  /** One step. The batch stays the caller's. */
  step(batch: BatchTensors): StepResult;
  /** The parameters as they are now; the caller's to dispose of. */
  params(): Params;
  /** All that training goes on from; the caller's to dispose of. */
  state(): TrainState;
  close(): void;
}

/**
 * A trainer at the state given, which it takes over.
 *
 * Steps are compiled; a second seed of the same model and config compiles nothing.
 */
export function createTrainer(model: Model, config: TrainConfig, start: TrainState, seed: number): Trainer {
  const layout = layoutOf(model.specs);
  const optimizer: Optimizer = optimizers[config.optimizer];
  const run = compiledStep(model, config).begin({
    params: flatten(layout, start.params),
    ...Object.fromEntries(optimizer.slots.map((slot) => [slot, flatten(layout, slotOf(start, slot))])),
  });
  let steps = start.step;
  disposeState(start);
  return {
    get steps() {
      return steps;
    },
    step(batch) {
      const scalars = optimizer.scalars(steps, config);
      const noise = { key: tf.tensor1d([seed, steps], "int32") };
      const { loss, norm } = run.step({ batch, scalars, noise });
      steps += 1;
      const result = { step: steps, lossNats: numberIn(loss), gradientNorm: numberIn(norm) };
      disposeTree({ scalars, noise, loss, norm });
      return result;
    },
    params: () => tf.tidy(() => unflatten(layout, run.read().params)),
    state: () =>
      tf.tidy(() => {
        const { params, ...slots } = run.read();
        return { step: steps, params: unflatten(layout, params), slots: slotsIn(layout, slots) };
      }),
    close: run.close,
  };
}

const numberIn = (x: tf.Scalar): number => x.dataSync()[0] as number;

function slotOf({ slots }: TrainState, slot: string): Params {
  const found = slots[slot];
  if (found === undefined)
    throw new TypeError(`train: the state has no slot "${slot}"; it has ${Object.keys(slots)}`);
  return found;
}

type CompiledStep = Stateful<StateVectors, StepInputs, StepOutputs>;

/** The step that was compiled last, for the next run of the same kind: XLA takes seconds. */
let kept:
  | { readonly definitions: readonly object[]; readonly key: string; readonly compiled: CompiledStep }
  | undefined;

function compiledStep(model: Model, config: TrainConfig): CompiledStep {
  const { weightDecay, clip, precision, optimizer, beta1, beta2, epsilon } = config;
  const { definition, definitions } = model;
  const frozen = [weightDecay, clip, precision, optimizer, beta1, beta2, epsilon];
  const key = JSON.stringify([model.config, model.vocabSize, frozen, tf.getBackend()]);
  if (kept?.key !== key || definitions.some((one, i) => one !== kept?.definitions[i])) {
    kept?.compiled.close();
    const name = `training step of ${definition.kind}`;
    const compiled: CompiledStep = compileStateful((given) => update(model, config, given), {
      name,
      xla: true,
      precision,
    });
    kept = { definitions, key, compiled };
  }
  return kept.compiled;
}
