/**
 * What a traced function holds: its constants to the bit, its graphs until they are closed, and no
 * tensor of a call.
 */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { compile } from "../../../../src/engine/compile.ts";
import { tf } from "../../../../src/tensor/tf.ts";
import { disposeTree } from "../../../../src/tensor/tree.ts";
import { backend, contents, describeNative, numbers, openGraphs } from "./native.ts";

// Other tests write graphs at the same time.
const own = mkdtempSync(join(tmpdir(), "whereabouts-memory-"));
beforeAll(() => vi.stubEnv("TMPDIR", own));
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(own, { recursive: true });
});

/** Folders that graphs were written to and not removed. */
const leftFolders = () => readdirSync(tmpdir()).filter((name) => name.startsWith("whereabouts-"));

describeNative("constants inside a function", () => {
  test.each<[string, () => tf.Tensor]>([
    ["float32", () => tf.tensor1d([1.5, -0, 3e38, 1e-40, Number.POSITIVE_INFINITY])],
    ["int32", () => tf.tensor1d([2 ** 31 - 1, -(2 ** 31), 0], "int32")],
    ["bool", () => tf.tensor2d([[true, false]], [1, 2], "bool")],
    ["a part of a longer array", () => tf.tensor1d(new Float32Array([9, 1, 2, 9]).subarray(1, 3))],
    ["a scalar", () => tf.scalar(7)],
    ["no elements", () => tf.zeros([0, 3])],
  ])("%s: an output and an operand, bit for bit", (_, make) => {
    const constant = compile(
      ({ x }: { x: tf.Tensor }) => {
        const c = make();
        return { as_is: c, stacked: tf.stack([c, make()]), x: tf.neg(x) };
      },
      { name: "constants" },
    );
    const x = tf.scalar(1);
    const [first, second] = [constant({ x }), constant({ x })];
    const eager = tf.tidy(() => ({ as_is: make(), stacked: tf.stack([make(), make()]), x: tf.neg(x) }));
    expect(contents(first)).toEqual(contents(eager));
    expect(contents(second)).toEqual(contents(eager));
    disposeTree({ first, second, eager, x });
    constant.close();
  });
});

describeNative("memory", () => {
  test("200 calls with a constant, a copy of an input and a gradient leave no tensor behind", () => {
    const step = compile(
      ({ w, x }: { w: tf.Tensor; x: tf.Tensor }) => {
        const loss = (weights: tf.Tensor) => tf.sum(tf.square(tf.matMul(weights, x)));
        return { w: tf.sub(w, tf.mul(0.01, tf.grad(loss)(w))), same: x, one: tf.scalar(1) };
      },
      { name: "descent" },
    );
    let w = numbers([3, 4]);
    const x = numbers([4, 2], 2);
    const call = () => {
      const { w: next, same, one } = step({ w, x });
      disposeTree({ w, same, one });
      w = next;
    };
    call();
    const [tensors, ids] = [tf.memory().numTensors, dataIds()];
    for (let i = 0; i < 200; i += 1) call();
    expect([tf.memory().numTensors, dataIds()]).toEqual([tensors, ids]);
    step.close();
    disposeTree({ w, x });
  });

  test("close frees every graph of the function and no other's; a later call traces it anew", () => {
    const [graphs, folders] = [openGraphs(), leftFolders()];
    let traces = 0;
    const double = (x: tf.Tensor) => tf.tidy(() => tf.mul(x, 2));
    const f = compile(
      ({ x }: { x: tf.Tensor }) => {
        traces += 1;
        return { y: double(x) };
      },
      { name: "f" },
    );
    const other = compile(({ x }: { x: tf.Tensor }) => ({ y: tf.neg(x) }), { name: "other" });
    const valuesAfter = (fn: typeof f, x: tf.Tensor) => {
      const { y } = fn({ x });
      const values = Array.from(y.dataSync());
      tf.dispose([x, y]);
      return values;
    };
    valuesAfter(f, tf.scalar(1));
    valuesAfter(f, tf.ones([2]));
    valuesAfter(other, tf.scalar(1));
    expect(openGraphs()).toBe(graphs + 3);
    f.close();
    expect(openGraphs()).toBe(graphs + 1);
    expect(valuesAfter(other, tf.scalar(5))).toEqual([-5]);
    expect(valuesAfter(f, tf.scalar(3))).toEqual([6]);
    expect(traces).toBe(3);
    f.close();
    f.close();
    other.close();
    expect(openGraphs()).toBe(graphs);
    expect(leftFolders()).toEqual(folders);
  });

  test("a function that fails leaves no graph, no folder, and works once it no longer fails", () => {
    const [graphs, folders, tensors] = [openGraphs(), leftFolders(), tf.memory().numTensors];
    let fail = true;
    const f = compile(
      ({ x }: { x: tf.Tensor }) => {
        const gradient = tf.grad((w: tf.Tensor) => {
          if (fail) throw new RangeError("inside a gradient");
          return tf.sum(tf.square(w));
        })(x);
        return { gradient };
      },
      { name: "f" },
    );
    const x = tf.tensor1d([1, 2]);
    expect(() => f({ x })).toThrow("inside a gradient");
    expect([openGraphs(), tf.memory().numTensors]).toEqual([graphs, tensors + 1]);
    fail = false;
    const { gradient } = f({ x });
    expect(Array.from(gradient.dataSync())).toEqual([2, 4]);
    disposeTree({ gradient, x });
    f.close();
    expect([openGraphs(), tf.memory().numTensors]).toEqual([graphs, tensors]);
    expect(leftFolders()).toEqual(folders);
  });
});

/** The backend's own count, in which a handle that no tensor names would show. */
function dataIds(): number {
  return (backend() as unknown as { numDataIds(): number }).numDataIds();
}
