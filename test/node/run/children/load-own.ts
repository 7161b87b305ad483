/** Takes each file that it is sent as an own encoding, tries it in a small model, and answers with the error's name and message, or with "loaded". */
import { startEngine } from "../../../../src/engine/index.ts";
import { importBytes } from "../../../../src/node/run/import-bytes.ts";
import { loadOwnEncoding } from "../../../../src/node/run/own-encoding.ts";
import { requireFiniteHooks } from "../../../../src/node/run/own-trial.ts";
import { parsePreset } from "../../../../src/node/run/preset.ts";
import { tf } from "../../../../src/tensor/tf.ts";

const MODEL = { layers: 1, heads: 2, width: 8, context: 8 };

process.on("message", async (sent: string | { file: string; text: string }) => {
  try {
    if (typeof sent === "object") {
      const exported = await importBytes(sent.file, Buffer.from(sent.text));
      process.send?.(exported.default as string);
      return;
    }
    await startEngine("cpu");
    const own = await loadOwnEncoding(sent);
    const model = { ...MODEL, position: { kind: own.definition.kind } };
    const before = tf.memory().numTensors;
    await requireFiniteHooks(parsePreset({ name: "own", model }, "preset", [], own.known), own);
    process.send?.(tf.memory().numTensors === before ? "loaded" : "left tensors behind");
  } catch (error) {
    process.send?.(`${(error as Error).name}: ${(error as Error).message}`);
  }
});
