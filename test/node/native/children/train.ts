/** Prints the losses and the last parameters of a short training on so many threads, with dropout. */
import { whoConfig } from "../../../../src/data/corpora/who.ts";
import { openWho } from "../../../../src/data/index.ts";
import { modelSchema } from "../../../../src/model/config.ts";
import { createModel } from "../../../../src/model/model.ts";
import { startEngine } from "../../../../src/node/native/engines.ts";
import { trainSchema } from "../../../../src/train/config.ts";
import { trainLoop } from "../../../../src/train/loop.ts";
import { initialState } from "../../../../src/train/step.ts";

const [threads] = process.argv.slice(2);
await startEngine("native", { threads: Number(threads) });
const data = openWho(whoConfig.parse({ kind: "who" }), 3);
const sizes = {
  layers: 3,
  heads: 2,
  width: 32,
  context: 16,
  dropout: 0.1,
  position: { kind: "learned" },
};
const model = createModel(modelSchema().parse(sizes), data.tokenizer.vocabSize);
// 33 rows of 16 tokens at width 32 are worth two parts, of 16 and 17 rows.
const train = trainSchema.parse({ steps: 20, batch: 33, evalEvery: 20, evalBatches: 1, saveEvery: 20 });
const losses: number[] = [];
const state = await trainLoop({ model, data, train, seed: 3 }, initialState(model, 3), {
  onStep: ({ lossNats }) => void losses.push(lossNats),
});
const params = Object.values(state.params).flatMap((x) => Array.from(x.dataSync()));
process.stdout.write(JSON.stringify({ losses, params }));
