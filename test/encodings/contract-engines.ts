/**
 * What every position encoding promises of engines: each gives the same numbers, compiled or not,
 * and keeps no memory.
 */
import { expect, test } from "vitest";
import type { EncodingDefinition } from "../../src/encodings/encoding.ts";
import { compile } from "../../src/engine/compile.ts";
import type { EngineName } from "../../src/engine/index.ts";
import { forward } from "../../src/model/transformer.ts";
import { startEngine } from "../../src/node/native/engines.ts";
import { tf } from "../../src/tensor/tf.ts";
import { disposeTree } from "../../src/tensor/tree.ts";
import { trainSchema } from "../../src/train/config.ts";
import { createTrainer, initialState } from "../../src/train/step.ts";
import {
  furthest,
  idsTensor,
  livelyParams,
  lossAndGradients,
  smallModel,
  someBatch,
  someTokens,
} from "../model/small.ts";
import { attentionsOf, configsOf } from "./contract-data.ts";

/** float32 over a hundred or so sums, in another order, of numbers of size 1 to 10. */
const ROUNDING = 1e-4;

/** Declares the test that a compiled model and gradient equal the same functions run eagerly. */
export function testCompiled(definition: EncodingDefinition): void {
  const { kind } = definition;
  test(`${kind}: compiled logits and gradients equal eager ones, and no tensor is left behind`, () => {
    for (const attention of attentionsOf(kind)) {
      const model = smallModel({ kind }, { attention }, [definition]);
      expectCompiledEqual(
        { params: livelyParams(model), tokens: idsTensor(someTokens()), positions: tf.range(0, 6) },
        (inputs) => ({
          logits: forward(model, inputs.params, inputs.tokens, inputs.positions),
        }),
      );
    }
    const model = smallModel({ kind }, { layers: 1 }, [definition]);
    expectCompiledEqual({ params: livelyParams(model), batch: someBatch() }, ({ params, batch }) => {
      const { loss, gradients } = lossAndGradients(model, params, batch);
      return { loss, ...gradients };
    });
  });
}

type Tensors = Parameters<typeof disposeTree>[0];

function expectCompiledEqual<I extends Tensors>(
  inputs: I,
  fn: (inputs: I) => Record<string, tf.Tensor>,
): void {
  const before = tf.memory().numTensors;
  const compiled = compile(fn, { name: "contract" });
  const traced = compiled(inputs);
  const again = compiled(inputs);
  tf.tidy(() => {
    for (const [name, eager] of Object.entries(fn(inputs))) {
      expect(furthest(traced[name]?.dataSync() as Float32Array, eager.dataSync()), name).toBeLessThan(
        ROUNDING,
      );
      expect(again[name]?.dataSync(), name).toEqual(traced[name]?.dataSync());
    }
  });
  disposeTree({ traced, again });
  compiled.close();
  expect(tf.memory().numTensors).toBe(before);
  disposeTree(inputs);
}

/**
 * Logits and gradients of an encoding in each configuration, under each attention, on an engine.
 *
 * The default configuration has two blocks; in the others a second one would call the same kernels
 * on the same shapes.
 */
export async function valuesOn(
  engine: EngineName,
  definition: EncodingDefinition,
): Promise<Record<string, Float32Array>> {
  await startEngine(engine);
  const { kind } = definition;
  const before = tf.memory().numTensors;
  const values: Record<string, Float32Array> = {};
  const cases = attentionsOf(kind).flatMap((attention) =>
    configsOf(kind).map((config, n) => ({ config, fields: { attention, layers: n === 0 ? 2 : 1 } })),
  );
  for (const { config, fields } of cases) {
    const which = `${fields.attention} ${JSON.stringify(config)}`;
    tf.tidy(() => {
      const model = smallModel({ kind, ...config }, fields, [definition]);
      const params = livelyParams(model);
      const batch = someBatch();
      const copy = (x: tf.Tensor) => Float32Array.from(x.dataSync());
      values[`${which} logits`] = copy(forward(model, params, batch.tokens, batch.positions));
      for (const [name, gradient] of Object.entries(lossAndGradients(model, params, batch).gradients)) {
        values[`${which} gradient of ${name}`] = copy(gradient);
      }
    });
  }
  expect(tf.memory().numTensors).toBe(before);
  return values;
}

/** Expects values of two engines to be equal up to rounding. */
export function expectClose(
  values: Record<string, Float32Array>,
  others: Record<string, Float32Array>,
): void {
  expect(Object.keys(values)).toEqual(Object.keys(others));
  for (const [name, value] of Object.entries(values)) {
    expect(furthest(value, others[name]), name).toBeLessThan(ROUNDING);
  }
}

/** Takes training steps on the engine that runs, and expects each to leave as many tensors as it found. */
export function expectConstantMemory(definition: EncodingDefinition): void {
  const model = smallModel({ kind: definition.kind }, { dropout: 0.1 }, [definition]);
  const before = tf.memory().numTensors;
  const trainer = createTrainer(model, trainSchema.parse({ steps: 3, warmup: 0 }), initialState(model, 1), 1);
  const batch = someBatch();
  trainer.step(batch); // on native the state goes into the session
  const held = tf.memory().numTensors;
  for (let step = 1; step < 3; step++) {
    trainer.step(batch);
    expect(tf.memory().numTensors).toBe(held);
  }
  trainer.close();
  disposeTree(batch);
  expect(tf.memory().numTensors).toBe(before);
}
