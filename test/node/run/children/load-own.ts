/**
 * Takes each file that it is sent as a definition of the user's own, tries it, and answers with the
 * error's name and message, or with "loaded".
 */
import { startEngine } from "../../../../src/engine/index.ts";
import { openData } from "../../../../src/node/run/data.ts";
import { importBytes } from "../../../../src/node/run/own/import-bytes.ts";
import { loadOwn, loadOwnProbe, type Own, type OwnPaths } from "../../../../src/node/run/own/index.ts";
import { requireFiniteHooks } from "../../../../src/node/run/own/trial.ts";
import type { Subject } from "../../../../src/probes/probe.ts";
import { runProbe } from "../../../../src/probes/run.ts";
import { tf } from "../../../../src/tensor/tf.ts";
import { parsePreset } from "../../../../src/train/preset.ts";

export type Sent =
  | { readonly file: string; readonly text: string }
  | ({ readonly cache?: string; readonly probe?: string } & OwnPaths);

const MODEL = { layers: 1, heads: 2, width: 8, context: 8, position: { kind: "none" } };

process.on("message", async (sent: Sent) => {
  process.send?.(
    await answer(sent).catch((error) => `${(error as Error).name}: ${(error as Error).message}`),
  );
});

async function answer(sent: Sent): Promise<string> {
  if ("text" in sent) {
    const exported = await importBytes(sent.file, Buffer.from(sent.text));
    return exported.default as string;
  }
  await startEngine("cpu");
  if (sent.probe !== undefined) {
    const { definition } = await loadOwnProbe(sent.probe);
    const subject = { model: { specs: {} }, material: {} } as Subject; // of which these probes ask nothing; no specs: no large model
    await runProbe(definition, subject, 1);
    return "loaded";
  }
  const own = await loadOwn(sent);
  if (own.encoding !== undefined) return tryEncoding(own);
  const data =
    own.task === undefined
      ? { kind: "text", corpus: own.corpus?.definition.name }
      : { kind: "task", task: own.task.definition.name };
  const preset = parsePreset({ name: "own", model: MODEL, data }, "preset", [], own.known);
  const opened = await openData(preset.data, 1, { own, cache: sent.cache });
  opened.batch(0, 2, 8);
  return "loaded";
}

async function tryEncoding(own: Own): Promise<string> {
  const model = { ...MODEL, position: { kind: own.encoding?.definition.kind } };
  const before = tf.memory().numTensors;
  await requireFiniteHooks(parsePreset({ name: "own", model }, "preset", [], own.known), own);
  return tf.memory().numTensors === before ? "loaded" : "left tensors behind";
}
