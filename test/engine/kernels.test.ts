import { beforeAll, expect, test } from "vitest";
import { EngineError } from "../../src/engine/index.ts";
import { addSegments } from "../../src/engine/segment-sum.ts";
import { startEngine } from "../../src/node/native/engines.ts";
import { tf } from "../../src/tensor/tf.ts";

/** float32 sums of up to 40 products of numbers of size 1, in another order. */
const TOLERANCE = 1e-5;

beforeAll(async () => {
  await startEngine("cpu");
  await startEngine("wasm");
});

/** Numbers in [-1, 1) that are the same on every engine. */
function numbers(shape: number[], seed: number): tf.Tensor {
  const size = shape.reduce((product, n) => product * n, 1);
  const values = Float32Array.from(
    { length: size },
    (_, i) => ((((i + 1) * 7919 + seed * 104_729) % 1009) / 1009) * 2 - 1,
  );
  return tf.tensor(values, shape);
}

/** What a computation gives on an engine, value by value. */
async function on(engine: "cpu" | "wasm", compute: () => tf.Tensor[]): Promise<number[]> {
  await tf.setBackend(engine);
  const tensors = tf.tidy(compute);
  const values = (await Promise.all(tensors.map((tensor) => tensor.data()))).flatMap((data) => [...data]);
  tf.dispose(tensors);
  return values;
}

async function expectEqual(compute: () => tf.Tensor[]): Promise<void> {
  const [wasm, cpu] = [await on("wasm", compute), await on("cpu", compute)];
  expect(wasm).toHaveLength(cpu.length);
  for (const [i, value] of wasm.entries())
    expect(Math.abs(value - (cpu[i] as number))).toBeLessThan(TOLERANCE);
}

test("addSegments: out[s] = Σ x[r] over ids[r] = s, and ids outside are dropped", () => {
  const out = new Float32Array(6);
  addSegments(new Float32Array([1, 2, 3, 4, 5, 6, 7, 8]), new Int32Array([2, 0, 2, -1]), out, 2);
  expect([...out]).toEqual([3, 4, 0, 0, 6, 8]);
});

test("the gradient of gather is equal on wasm and cpu, for ids of one and two axes", async () => {
  await expectEqual(() => {
    const ids = tf.tensor2d([0, 3, 3, 1, 0, 3], [2, 3], "int32");
    const table = numbers([5, 4], 1);
    const weights = numbers([2, 3, 4], 2);
    return [tf.grad((x: tf.Tensor) => tf.sum(tf.mul(tf.gather(x, ids), weights)))(table)];
  });
});

test.each([
  [false, false],
  [true, false],
  [false, true],
  [true, true],
])(
  "matMul with transposes (%s, %s) and its gradients are equal on wasm and cpu",
  async (transposeA, transposeB) => {
    const swap = (shape: number[], really: boolean) =>
      really ? [...shape.slice(0, -2), ...shape.slice(-2).reverse()] : shape;
    for (const batch of [[], [3], [2, 3]]) {
      await expectEqual(() => {
        const a = numbers(swap([...batch, 5, 7], transposeA), 3);
        const b = numbers(swap([...batch, 7, 4], transposeB), 4);
        const weights = numbers([...batch, 5, 4], 5);
        const product = (x: tf.Tensor, y: tf.Tensor) => tf.matMul(x, y, transposeA, transposeB);
        const loss = (x: tf.Tensor, y: tf.Tensor) => tf.sum(tf.mul(product(x, y), weights)) as tf.Scalar;
        return [product(a, b), ...tf.grads(loss)([a, b])];
      });
    }
  },
);

test("matMul broadcasts a transposed operand over the batch on wasm as on cpu", async () => {
  await expectEqual(() => [tf.matMul(numbers([3, 5, 7], 1), numbers([1, 4, 7], 2), false, true)]);
});

test("a transposed product and a gather gradient leave no memory behind on wasm", async () => {
  await tf.setBackend("wasm");
  const a = numbers([6, 6], 1);
  const step = () =>
    tf.tidy(() => {
      const ids = tf.tensor1d([1, 1, 0], "int32");
      tf.grad((x: tf.Tensor) => tf.sum(tf.matMul(tf.gather(x, ids), x, false, true)))(a).dataSync();
    });
  step();
  const before = { tensors: tf.memory().numTensors, ids: dataIds() };
  for (let i = 0; i < 20; i++) step();
  expect({ tensors: tf.memory().numTensors, ids: dataIds() }).toEqual(before);
});

/** The wasm backend's own count, in which a kernel's intermediate result would show. */
function dataIds(): number {
  return (tf.backend() as unknown as { numDataIds(): number }).numDataIds();
}

test("an engine that tfjs has left since is started again", async () => {
  await startEngine("cpu");
  await tf.setBackend("wasm");
  await startEngine("cpu");
  expect(tf.getBackend()).toBe("cpu");
});

test("a name that is no engine is refused with the names that are", async () => {
  const wrong = startEngine("webgl" as never);
  await expect(wrong).rejects.toThrow(EngineError);
  await expect(wrong).rejects.toThrow("choose one of auto, native, native-gpu, wasm, webgpu, cpu");
});

test("auto says which engine does not start, why, and how much slower the next one is", async () => {
  const said: string[] = [];
  const engine = await startEngine("auto", {
    warn: (text) => said.push(text),
    without: { native: "native: no" },
  });
  expect(engine.name).toBe("wasm");
  expect(said.join("\n")).toMatch(/^native: no\nengine: goes on with wasm, .* slower than native$/);
});
