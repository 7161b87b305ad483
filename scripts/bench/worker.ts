/**
 * One contestant of a benchmark in a process of its own, since TensorFlow takes its number of
 * threads when it loads.
 *
 * Says {"ready": true, "firstCallMs": …, "warning": …} after its first call and one more; then each line
 * {"steps": n} on stdin is answered by {"ms": […], "cpuMs": …, "peakRssMB": …}, the time of each of n
 * calls, and that of processors, a mean of them.
 * `scripts/peers/contestant.py` speaks the same.
 */
import { createInterface } from "node:readline";
import { modelSchema } from "../../src/model/config.ts";
import { createGenerator } from "../../src/model/generate.ts";
import { createModel, type Model } from "../../src/model/model.ts";
import { likeliest } from "../../src/model/sampling.ts";
import { startEngine } from "../../src/node/native/engines.ts";
import { initialize } from "../../src/tensor/params.ts";
import { tf } from "../../src/tensor/tf.ts";
import { disposeTree } from "../../src/tensor/tree.ts";
import { batchTensors } from "../../src/train/batch.ts";
import { trainSchema } from "../../src/train/config.ts";
import { createEvaluator } from "../../src/train/evaluate.ts";
import { createTrainer, initialState } from "../../src/train/step.ts";
import type { Case, WorkerCase } from "./cases.ts";

/** Characters of a small text. */
const VOCABULARY = 65;

export async function serve(one: WorkerCase): Promise<void> {
  const { warning } = await startEngine(one.engine, { threads: one.threads });
  const { layers, heads, width, context, encoding } = one;
  const config = modelSchema().parse({ layers, heads, width, context, position: { kind: encoding } });
  const model = createModel(config, VOCABULARY);
  const { call, close, steps = 1 } = contestantOf(model, one);
  const begun = performance.now();
  await call();
  const firstCallMs = Math.round(performance.now() - begun);
  await call();
  say({ ready: true, firstCallMs, warning });
  for await (const line of createInterface({ input: process.stdin })) {
    const ms: number[] = [];
    const asked = (JSON.parse(line) as { steps: number }).steps;
    const before = process.cpuUsage();
    for (let turn = 0; turn < asked; turn++) {
      const start = performance.now();
      await call();
      ms.push((performance.now() - start) / steps);
    }
    const { user, system } = process.cpuUsage(before);
    say({
      ms,
      cpuMs: (user + system) / 1000 / asked / steps,
      peakRssMB: Math.round(process.resourceUsage().maxRSS / 1024),
      rssMB: Math.round(process.memoryUsage.rss() / 2 ** 20),
      tensors: tf.memory().numTensors,
    });
  }
  close();
}

interface Contestant {
  call(): Promise<void>;
  /** That one call takes; 1 where it is left out. */
  readonly steps?: number;
  close(): void;
}

function contestantOf(model: Model, one: WorkerCase): Contestant {
  switch (one.phase) {
    case "evaluation":
      return evaluation(model, one);
    case "generation":
      return generation(model, one);
    default:
      return training(model, one);
  }
}

function training(model: Model, { batch, context, precision }: Case): Contestant {
  const trainer = createTrainer(model, trainSchema.parse({ precision }), initialState(model, 1), 1);
  const tensors = someBatch(model, batch, context);
  return {
    async call() {
      trainer.step(tensors);
    },
    close() {
      trainer.close();
      disposeTree(tensors);
    },
  };
}

function evaluation(model: Model, { batch, context }: Case): Contestant {
  const evaluator = createEvaluator(model);
  const { params, slots } = initialState(model, 1);
  disposeTree(slots);
  return {
    async call() {
      await evaluator.meanLoss(params, [someBatch(model, batch, context)]);
    },
    close() {
      evaluator.close();
      disposeTree({ params });
    },
  };
}

/** Greedy, from one token to the end of the context. */
function generation(model: Model, { batch, context, cached = true }: WorkerCase): Contestant {
  const params = initialize(model.specs, 1);
  const generator = createGenerator(model, params, { cached });
  const prompts = Array.from({ length: batch }, (_, row) => [row % VOCABULARY]);
  return {
    steps: context,
    async call() {
      for await (const _ of generator.generate(prompts, { tokens: context, choose: likeliest }));
    },
    close() {
      generator.close();
      disposeTree(params);
    },
  };
}

function someBatch(model: Model, batch: number, length: number) {
  const ids = Int32Array.from({ length: batch * length }, (_, i) => (i * 7919) % VOCABULARY);
  return batchTensors(model, { tokens: ids, targets: ids.map((id) => (id + 1) % VOCABULARY), batch, length });
}

const say = (message: object) => process.stdout.write(`${JSON.stringify(message)}\n`);
