/** Folders of presets stay where they were when fields are added to the schema. */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { configHash, runDirectoryName } from "../../../src/node/run/names.ts";
import { readPreset } from "../../../src/node/run/preset.ts";

const config = { name: "rope", seed: 1, data: { kind: "who" }, train: { steps: 500, learningRate: 1e-3 } };

describe("fields that came later", () => {
  const names = (file: string, fields: string[] = []) =>
    runDirectoryName(readPreset(join(import.meta.dirname, "../../../models", file), fields));

  test("leave the folders of presets as they were before there were any", () => {
    const before = ["steps=700", "batch=32", "evalEvery=100", "evalBatches=4", "saveEvery=500"];
    expect(
      names(
        "learned.json",
        before.map((field) => `train.${field}`),
      ),
    ).toBe("learned-who-s1-2ca6fe");
    expect(names("shakespeare.json")).toBe("shakespeare-shakespeare-s1-793f9e");
    expect(names("task.json")).toBe("task-copy-s1-ae05c2");
  });

  test("count in the hash where they ask for something else", () => {
    const other = { ...config, train: { ...config.train, beta2: 0.95 } };
    expect(configHash({ ...config, train: { ...config.train, beta2: 0.99 } })).toBe(configHash(config));
    expect(configHash(other)).not.toBe(configHash(config));
    const of = (model: object) => configHash({ ...config, model });
    expect(of({ layers: 2, normKind: "layer", mlp: "gelu" })).toBe(of({ layers: 2 }));
    expect(of({ layers: 2, normKind: "rms" })).not.toBe(of({ layers: 2 }));
  });
});
