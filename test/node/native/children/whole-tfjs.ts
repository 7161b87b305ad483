/** Starts the native engine, then trains a model of layers, which it does without, and prints its losses. */
import { createRequire } from "node:module";
import { startEngine } from "../../../../src/node/native/engines.ts";

await startEngine("native", { threads: 1 });
const tfjs = createRequire(import.meta.url)("@tensorflow/tfjs") as typeof import("@tensorflow/tfjs");
const { default: imported } = await import("@tensorflow/tfjs");
const model = tfjs.sequential({ layers: [imported.layers.dense({ units: 1, inputShape: [2] })] });
model.compile({ loss: "meanSquaredError", optimizer: "sgd" });
const { history } = await model.fit(tfjs.ones([4, 2]), tfjs.ones([4, 1]), { epochs: 2, verbose: 0 });
process.stdout.write(JSON.stringify({ backend: tfjs.getBackend(), losses: history.loss }));
