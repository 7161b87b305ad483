/** A small model that was not trained, as the files of a step. */
import { openWho, type WhoData } from "../../src/data/index.ts";
import { encodeSafetensors, type StoredTensor } from "../../src/formats/safetensors.ts";
import { createModel } from "../../src/model/model.ts";
import { initialize } from "../../src/tensor/params.ts";
import { disposeTree } from "../../src/tensor/tree.ts";
import { parsePreset } from "../../src/train/preset.ts";

/** @param encoding a listed one, with its defaults */
export async function freshFolder(encoding: string): Promise<Map<string, Uint8Array>> {
  const preset = parsePreset(
    {
      name: encoding,
      model: { layers: 2, heads: 2, width: 16, context: 16, position: { kind: encoding } },
      data: { kind: "who", nouns: 4, verbs: 1 },
    },
    encoding,
  );
  const { tokenizer } = openWho(preset.data as WhoData["world"]["config"], preset.seed);
  const model = createModel(preset.model, tokenizer.vocabSize);
  const params = initialize(model.specs, 1);
  const tensors: Record<string, StoredTensor> = {};
  for (const [name, tensor] of Object.entries(params))
    tensors[name] = { shape: tensor.shape, dtype: "F32", data: (await tensor.data()) as Float32Array };
  disposeTree(params);
  const text = (json: unknown) => new TextEncoder().encode(JSON.stringify(json));
  return new Map([
    ["config.json", text({ whereabouts: { vocabSize: tokenizer.vocabSize, preset } })],
    ["tokenizer.json", text(tokenizer.toJSON())],
    ["model.safetensors", encodeSafetensors(tensors)],
  ]);
}
