/** Kept steps side by side: a curve for each metric that has one value a step, and where it moved most. */
import { expect, test } from "vitest";
import { acrossTraining } from "../../src/figures/across-training.ts";
import { nodeDocument } from "../../src/node/report/node-document.ts";
import { result, row } from "../node/report/demo-results.ts";

const document = await nodeDocument();
const accuracies = (values: readonly number[]) =>
  values.map((value, i) => ({
    ...row("swap_accuracy", value, { step: 100 * 2 ** i }, "accuracy"),
    se: 0.01,
  }));
const asked = (...steps: ReturnType<typeof row>[]) => ({ ...result("rope"), steps });

test("the sentence tells the two steps between which the first metric moved most", () => {
  const steps = asked(...accuracies([0.5, 0.52, 0.93, 0.99]));
  expect(acrossTraining.sentence([steps])).toBe(
    "Of the steps that were kept, the swap accuracy of `rope` moves most between 200 and 400: from 0.52 to 0.93.",
  );
  const still = asked(...accuracies([1, 1, 1]));
  expect(acrossTraining.sentence([still])).toContain(
    "to the last, 400, the swap accuracy of `rope` stays at 1.00",
  );
  expect(acrossTraining.sentence([result("rope")])).toBeUndefined();
});

test("metrics with several rows a step are no curve, nor is the training split; what judges a model comes first", () => {
  const layers = [100, 200].flatMap((step) =>
    [0, 1].map((layer) => row("hidden_distance", 0.1, { step, layer })),
  );
  const shuffled = [100, 200].map((step) => row("prefix_shuffle_js", step / 1000, { step }, "bits"));
  const trained = [100, 200].map((step) => row("answer_nll", 1, { step, split: "train" }));
  const all = asked(...layers, ...shuffled, ...trained, ...accuracies([0.5, 0.9]));
  const { figures = [] } = acrossTraining.draw([all], document) ?? {};
  expect(figures.map(({ title }) => title)).toEqual(["swap accuracy", "shuffle JS"]);
  expect(figures[0]?.svg).toContain(
    'aria-label="swap accuracy by training step of rope: 100 0.500, 200 0.900."',
  );
  expect(figures[0]?.svg.match(/<circle /g)).toHaveLength(2);
});
