/** Parts of a graph that run side by side: the same values and gradients, and programs of their own. */
import { expect, test, vi } from "vitest";
import { compile, sideBySide } from "../../../../src/engine/compile.ts";
import { compileStateful } from "../../../../src/engine/stateful.ts";
import { Parts, withRestApart } from "../../../../src/node/native/graph/parts.ts";
import * as protobuf from "../../../../src/node/native/graph/protobuf.ts";
import { tf } from "../../../../src/tensor/tf.ts";
import { disposeTree } from "../../../../src/tensor/tree.ts";
import { runChild } from "../child.ts";
import { describeNative, numbers } from "./native.ts";

vi.mock("../../../../src/node/native/graph/protobuf.ts", { spy: true });

const node = (name: string, attrs: protobuf.NodeDef["attrs"] = {}) => ({
  name,
  op: "Neg",
  inputs: [],
  attrs,
});

/** Of the graph that was loaded last. */
const loaded = (): readonly protobuf.NodeDef[] =>
  (vi.mocked(protobuf.savedModel).mock.lastCall as [readonly protobuf.NodeDef[], number])[0];

const scopesOf = (nodes: readonly protobuf.NodeDef[]) =>
  new Set(nodes.map(({ attrs }) => (attrs._XlaInternalScope as { value?: string })?.value));

test("each part has a scope, and the rest of a graph with parts one more", () => {
  const parts = new Parts();
  const first = parts.within(() => parts.mark());
  const second = parts.within(() => parts.mark());
  expect(first).not.toEqual(second);
  expect(parts.mark()).toEqual({});
  const nodes = withRestApart([node("a", first), node("b"), node("c", second)]);
  expect(nodes.map(({ attrs }) => attrs._XlaInternalScope)).toEqual(
    ["part_0", "rest", "part_1"].map((value) => ({ kind: "string", value })),
  );
  const whole = [node("a"), node("b")];
  expect(withRestApart(whole)).toEqual(whole);
});

describeNative("parts side by side", () => {
  test.each([true, false])("give the values and the gradient of one after another (xla %s)", (xla) => {
    const part = (x: tf.Tensor, i: number) => tf.sum(tf.square(tf.matMul(x, tf.mul(x, i + 1), true, false)));
    const share = (x: tf.Tensor, i: number) => tf.valueAndGrad((v: tf.Tensor) => part(v, i))(x);
    const sum = ([a, b]: ReturnType<typeof share>[]) => ({
      value: tf.add(a?.value as tf.Tensor, b?.value as tf.Tensor),
      slope: tf.add(a?.grad as tf.Tensor, b?.grad as tf.Tensor),
    });
    const f = compile(
      ({ x }: { x: tf.Tensor }) => ({
        beside: sum(sideBySide([0, 1].map((i) => () => share(x, i)))),
        after: sum([0, 1].map((i) => share(x, i))),
      }),
      { name: "parts", xla },
    );
    const x = numbers([5, 4]);
    const { beside, after } = f({ x });
    expect([...scopesOf(loaded())].sort()).toEqual(["part_0", "part_1", "rest"]);
    expect(beside.value.dataSync()[0]).toBeCloseTo(after.value.dataSync()[0] as number, 4);
    const [p, q] = [beside.slope.dataSync(), after.slope.dataSync()];
    p.forEach((slope, i) => void expect(slope).toBeCloseTo(q[i] as number, 4));
    expect(Math.max(...p)).toBeGreaterThan(0.1);
    disposeTree({ beside, after, x });
    f.close();
  });

  test("a state that parts share is read before them, not compiled into one of them", () => {
    const f = compileStateful(
      ({ state: { x }, inputs: { y } }: { state: { x: tf.Tensor }; inputs: { y: tf.Tensor } }) => {
        const [a, b] = sideBySide([2, 3].map((n) => () => tf.mul(tf.mul(x, y), n))) as [tf.Tensor, tf.Tensor];
        return { state: { x: tf.add(a, b) }, outputs: { a } };
      },
      { name: "shared state", xla: true },
    );
    const run = f.begin({ x: tf.tensor1d([1, 2]) });
    const y = tf.tensor1d([1, -1]);
    disposeTree(run.step({ y }));
    const { a } = run.step({ y });
    expect(Array.from(a.dataSync())).toEqual([10, 20]);
    expect(Array.from(run.read().x.dataSync())).toEqual([25, 50]);
    const reading = loaded().find(({ name }) => name === "input_0");
    expect([reading?.op, reading?.attrs._XlaCompile]).toEqual([
      "ReadVariableOp",
      { kind: "bool", value: false },
    ]);
    disposeTree({ a, y });
    run.close();
    f.close();
  });

  test("a training on two threads has the losses of one, and its own bits each time", () => {
    const [one, two, again] = ["1", "2", "2"].map((threads) => {
      const { stdout } = runChild("train", [threads]);
      return JSON.parse(stdout) as { losses: number[]; params: number[] };
    });
    expect(two).toEqual(again);
    expect(two?.params).not.toEqual(one?.params); // sums in another order
    two?.losses.forEach((loss, i) => void expect(loss).toBeCloseTo(one?.losses[i] as number, 5));
    expect(one?.losses).toHaveLength(20);
  }, 240_000); // three processes, each of which compiles
});
