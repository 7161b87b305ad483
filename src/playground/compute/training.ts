/** A small model that is trained before one's eyes, and what it knows of order on the way. */
import { openWho, type WhoData } from "../../data/index.ts";
import { createModel } from "../../model/model.ts";
import { swapCredit, swapScore } from "../../probes/order.ts";
import { createReader } from "../../probes/reader.ts";
import { mean } from "../../tensor/numbers.ts";
import { createRng, shuffled } from "../../tensor/rng.ts";
import { disposeTree } from "../../tensor/tree.ts";
import { trainingBatch } from "../../train/loop.ts";
import { parsePreset } from "../../train/preset.ts";
import { createTrainer, initialState } from "../../train/step.ts";
import { DivergedError } from "../../train/task.ts";

export interface LiveAsked {
  readonly encoding: string;
  readonly seed: number;
}

/** Where a training stands. */
export interface LivePoint {
  /** Updates done. */
  readonly step: number;
  /** Of the batch of this step, before its update, nats; null before the first. */
  readonly loss: number | null;
  /** Share of pairs whose right order it finds likelier; null where it was not asked at this step. */
  readonly swapAccuracy: number | null;
}

/** A training that is in memory. */
export interface LiveTraining {
  readonly step: number;
  /** One update. @throws DivergedError */
  next(): Promise<LivePoint>;
  /** Asks without an update. */
  look(): Promise<LivePoint>;
  close(): void;
}

/** A world of few words and a narrow model: order appears within some hundred steps, each a fraction of a second. */
export const livePreset = ({ encoding, seed }: LiveAsked) =>
  parsePreset(
    {
      ...{ name: `live-${encoding}`, seed },
      model: { layers: 2, heads: 4, width: 32, context: 20, position: { kind: encoding } },
      data: { kind: "who", nouns: 6, verbs: 3 },
      train: { steps: 1000, batch: 16, learningRate: 6e-3, warmup: 20 },
    },
    "live training",
  );

/** Steps between two questions about order. */
export const LOOK_EVERY = 10;
/** Pairs that are asked about. */
const PAIRS = 64;

/** The same steps for the same encoding and seed, to the bit, however often it is paused. */
export function openLive(asked: LiveAsked): LiveTraining {
  const preset = livePreset(asked);
  const data = openWho(preset.data as Parameters<typeof openWho>[0], preset.seed);
  const model = createModel(preset.model, data.tokenizer.vocabSize);
  const { train, seed } = preset;
  const trainer = createTrainer(model, train, initialState(model, seed), seed);
  const look = async (loss: number | null): Promise<LivePoint> => {
    const params = trainer.params();
    const swapAccuracy = await orderOf({ model, params }, data);
    disposeTree(params);
    return { step: trainer.steps, loss, swapAccuracy };
  };
  return {
    get step() {
      return trainer.steps;
    },
    async next() {
      const batch = trainingBatch({ model, data, train, seed }, trainer.steps);
      const { step, lossNats } = trainer.step(batch);
      disposeTree(batch);
      if (!Number.isFinite(lossNats))
        throw new DivergedError(`train: the loss is ${lossNats} at step ${step}`);
      return step % LOOK_EVERY === 0 ? look(lossNats) : { step, loss: lossNats, swapAccuracy: null };
    },
    look: () => look(null),
    close: () => trainer.close(),
  };
}

/** Swap accuracy on pairs that are never trained on. */
async function orderOf(
  trained: Pick<Parameters<typeof createReader>[0], "model" | "params">,
  { pairs, tokenizer }: WhoData,
): Promise<number> {
  const asked = shuffled(pairs.of("heldout"), createRng(0, "playground/pairs")).slice(0, PAIRS);
  const reader = createReader({ ...trained, tokenizer });
  try {
    const told = await reader.read(asked.map(({ context }) => context));
    const swapped = await reader.read(asked.map((pair) => pair.swapped));
    const credit = asked.map((pair, i) =>
      swapCredit(swapScore(pair, told[i] as (typeof told)[number], swapped[i] as (typeof told)[number])),
    );
    return mean(credit);
  } finally {
    reader.close();
  }
}
