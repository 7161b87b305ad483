import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { startEngine } from "../../src/engine/index.ts";
import { openOwn } from "../../src/playground/compute/own.ts";
import { logitsOf } from "../../src/probes/logits.ts";
import { disposeTree } from "../../src/tensor/tree.ts";

const GOLDENS = join(import.meta.dirname, "..", "goldens", "huggingface");
const { cases } = JSON.parse(readFileSync(join(GOLDENS, "cases.json"), "utf8")) as {
  cases: { name: string; ids: number[][]; logits: number[][][] }[];
};
const filesOf = (folder: string) =>
  new Map(readdirSync(folder).map((name) => [name, new Uint8Array(readFileSync(join(folder, name)))]));

describe("a folder of Hugging Face's, from bytes", () => {
  beforeAll(() => startEngine("wasm"));

  test.each(["gpt2-sharded", "bert", "gpt-neox"])("%s has the logits of their libraries", async (name) => {
    const { ids, logits } = cases.find((one) => one.name === name) as (typeof cases)[number];
    const { model, params } = await openOwn(filesOf(join(GOLDENS, name)));
    const here = (await logitsOf(model, params, ids[0] as number[])).flat();
    const apart = Math.max(
      ...(logits[0] as number[][]).flat().map((value, i) => Math.abs(value - (here[i] as number))),
    );
    expect(apart).toBeLessThan(1e-4);
    disposeTree(params);
  });

  test("without weights, or with those of another model, it is refused and says why", async () => {
    const files = filesOf(join(GOLDENS, "bert"));
    const without = new Map([...files].filter(([name]) => !name.endsWith(".safetensors")));
    await expect(openOwn(without)).rejects.toThrow("your folder: model.safetensors is missing");
    const other = filesOf(join(GOLDENS, "bloom")).get("model.safetensors") as Uint8Array;
    await expect(openOwn(new Map([...files, ["model.safetensors", other]]))).rejects.toThrow(/your folder/);
    await expect(openOwn(new Map())).rejects.toThrow("your folder: config.json is missing");
  });
});
