/** Trees of tensors: what compiled functions take and return. */
import { beforeAll, expect, test } from "vitest";
import { tf } from "../../src/tensor/tf.ts";
import { disposeTree, leaves, signed, treeOf } from "../../src/tensor/tree.ts";
import { startTestEngine } from "../engine-for-tests.ts";

beforeAll(async () => {
  await startTestEngine();
});

const example = () => ({
  params: { "h.0.attn.c_attn.weight": tf.scalar(1), "wte.weight": tf.scalar(2) },
  batch: { tokens: tf.scalar(3) },
  rate: tf.scalar(4),
});

test("leaves are the tensors in the order of the keys, each with the names that lead to it", () => {
  const tree = example();
  expect(leaves(tree).map(({ path }) => path)).toEqual([
    ["params", "h.0.attn.c_attn.weight"],
    ["params", "wte.weight"],
    ["batch", "tokens"],
    ["rate"],
  ]);
  expect(leaves(tree).map(({ tensor }) => tensor.dataSync()[0])).toEqual([1, 2, 3, 4]);
  disposeTree(tree);
});

test("treeOf ∘ leaves is the identity, also for names with dots in them", () => {
  const tree = example();
  const again = treeOf(leaves(tree)) as typeof tree;
  expect(Object.keys(again)).toEqual(Object.keys(tree));
  expect(again.params["wte.weight"]).toBe(tree.params["wte.weight"]);
  expect(again.batch.tokens).toBe(tree.batch.tokens);
  expect(again.rate).toBe(tree.rate);
  expect([leaves({}), treeOf([])]).toEqual([[], {}]);
  disposeTree(tree);
});

test("signed has the tensors of leaves, and one signature for trees of equal names, types and shapes alone", () => {
  const tree = example();
  expect(signed(tree).tensors).toEqual(leaves(tree).map(({ tensor }) => tensor));
  const again = example();
  expect(signed(again).signature).toBe(signed(tree).signature);
  const others = [
    { ...tree, rate: tf.tensor1d([4]) },
    { ...tree, rate: tf.scalar(4, "int32") },
    { ...tree, speed: tree.rate },
    { ...tree, batch: { ...tree.batch, rate: tree.rate } },
    { params: tree.params, tokens: tree.batch.tokens, rate: tree.rate },
    { params: { ...tree.params, batch: tree.batch }, rate: tree.rate },
  ];
  const signatures = [tree, ...others].map((one) => signed(one).signature);
  expect(new Set(signatures).size).toBe(signatures.length);
  for (const one of [tree, again, ...others]) disposeTree(one);
});

test("disposeTree disposes of every tensor", () => {
  const before = tf.memory().numTensors;
  const tree = example();
  expect(tf.memory().numTensors).toBe(before + 4);
  disposeTree(tree);
  expect(tf.memory().numTensors).toBe(before);
});
