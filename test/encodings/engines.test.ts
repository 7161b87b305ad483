import { beforeAll, expect, test } from "vitest";
import { encodings } from "../../src/encodings/index.ts";
import { startEngine } from "../../src/node/native/engines.ts";
import { startTestEngine } from "../engine-for-tests.ts";
import { smallModel } from "../model/small.ts";
import { configsOf, exceptions } from "./contract-data.ts";
import { expectClose, expectConstantMemory, valuesOn } from "./contract-engines.ts";
import { expectRemembered } from "./contract-memory.ts";

beforeAll(async () => {
  await startTestEngine();
});

test.each(encodings)(
  "$kind: logits and gradients are equal on cpu, on wasm and on the native engine",
  async (definition) => {
    const { name } = await startTestEngine();
    const native = await valuesOn(name, definition);
    const wasm = await valuesOn("wasm", definition);
    expectClose(wasm, native);
    expectClose(await valuesOn("cpu", definition), wasm);
  },
);

test.each(encodings)("$kind: training steps leave tf.memory().numTensors as it was", async (definition) => {
  await startEngine("wasm");
  expectConstantMemory(definition);
});

test.each(encodings)(
  "$kind: a token read beside remembered keys has the logits of the whole context, run eagerly",
  async (definition) => {
    await startEngine("cpu");
    for (const config of configsOf(definition.kind)) {
      const model = smallModel({ kind: definition.kind, ...config }, {}, [definition]);
      await expectRemembered(model, JSON.stringify(config));
    }
  },
);

test("traced training steps leave tf.memory().numTensors as it was", async () => {
  await startTestEngine();
  expectConstantMemory(encodings[0] as (typeof encodings)[number]);
});

test("an exception from the contract names a listed encoding and gives a reason", () => {
  const kinds = encodings.map(({ kind }) => kind);
  for (const { kind, reason } of exceptions) {
    expect(kinds).toContain(kind);
    expect(reason).not.toBe("");
  }
});
