/**
 * From rows to questions: ranges of L_max, policies as conditions, data apart; and what is said of
 * the answers.
 */
import { expect, test } from "vitest";
import { type Answer, answersOf } from "../../src/compare/answers.ts";
import { conditionNames, dataNames } from "../../src/compare/conditions.ts";
import { decide } from "../../src/compare/decide.ts";
import { type ComparedRun, questionsOf } from "../../src/compare/questions.ts";
import { comparisonSentence, comparisonTable } from "../../src/figures/comparison.ts";
import { vocabulariesSentence } from "../../src/figures/vocabularies.ts";
import { metrics } from "../../src/probes/index.ts";
import type { Measurement } from "../../src/probes/probe.ts";

const row = (metric: string, value: number | null, at: Measurement["at"] = {}): Measurement => ({
  ...{ metric, value, unit: "nats", n: 4, at },
});

function run(
  condition: string,
  seed: number,
  measurements: readonly Measurement[],
  data?: string,
): ComparedRun {
  return { condition, encoding: condition, data, seed, parameters: 10, context: 4, measurements };
}

test("positions are averaged over ranges in multiples of L_max, and rows of parts are left out unless asked for", () => {
  const rows = [
    ...[1, 2, 3, 4, 10, 20, 30, 40, 5, 5].map((value, position) =>
      row("nll", value, { position, length: 64, beyond: "contiguous", split: "heldout" }),
    ),
    row("hidden_distance", 1, { layer: 0 }),
    row("swap_accuracy", null, { split: "heldout" }),
  ];
  const runs = [run("rope", 1, rows), run("alibi", 1, rows)];
  const questions = questionsOf(runs, metrics);
  expect(questions.map(({ metric, at }) => [metric, at])).toEqual([
    ["nll", { split: "heldout", range: "0–1 L_max" }],
    ["nll", { split: "heldout", range: "1–2 L_max" }],
    ["nll", { split: "heldout", range: "2–4 L_max" }],
  ]);
  expect(questions.map(({ conditions }) => conditions[0]?.values.get(1))).toEqual([2.5, 25, 5]);
  expect(questionsOf(runs, metrics, ["hidden_distance"])[0]?.at).toEqual({ layer: 0 });
});

test("a policy past L_max is a condition of its own; other data is another question", () => {
  const at = (beyond: string) => ({ position: 5, beyond });
  const learned = [row("nll", 3, at("clamp")), row("nll", 4, at("wrap"))];
  const runs = [
    run("learned", 1, learned, "who"),
    run("rope", 1, [row("nll", 2, at("contiguous"))], "who"),
    run("rope", 1, [row("nll", 9, at("contiguous"))], "copy"),
  ];
  const questions = questionsOf(runs, metrics);
  expect(questions.map(({ at }) => at)).toEqual([{ data: "who", range: "1–2 L_max" }]);
  expect(questions[0]?.conditions.map(({ name }) => name)).toEqual([
    "learned (clamp)",
    "learned (wrap)",
    "rope",
  ]);
});

test("runs of one preset's name are told apart by the fields that differ", () => {
  const preset = (name: string, seed: number, model: object) => ({
    name,
    seed,
    model,
    data: { kind: "who" },
  });
  const configs = [
    preset("rope", 1, { context: 32 }),
    preset("rope", 2, { context: 64 }),
    preset("alibi", 1, { context: 32 }),
  ];
  expect(conditionNames(configs)).toEqual(["rope, context=32", "rope, context=64", "alibi"]);
  expect(dataNames(configs)).toEqual(["", "", ""]);
  expect(
    dataNames([
      { name: "a", data: { kind: "who", facts: 1 } },
      { name: "a", data: { kind: "who", facts: 2 } },
      { name: "a", data: { kind: "task", task: "copy" } },
    ]),
  ).toEqual(["who, facts=1", "who, facts=2", "copy"]);
});

/** Of rope, alibi and sandwich over seeds, with noise that a seed's runs share. */
function planted(seeds: number): ComparedRun[] {
  const noise = [0.3, -0.2, 0.5, 0.1, -0.4];
  const own = [0.001, -0.002, 0.0015, -0.0005, 0.0003];
  const shifts = { rope: 1, alibi: 1.2, sandwich: 1.2 };
  return Object.entries(shifts).flatMap(([name, shift], k) =>
    noise.slice(0, seeds).map((shared, seed) => {
      const value = shift + shared + (own[(seed + k) % 5] as number);
      return run(name, seed, [row("nll", value, { split: "heldout", position: 0 })]);
    }),
  );
}

function answer(seeds: number, options: Parameters<typeof decide>[1]): Answer {
  const [question] = questionsOf(planted(seeds), metrics);
  if (question === undefined) throw new Error("no question");
  return { question, decision: decide(question.conditions, options), metric: metrics.nll };
}

test("a planted difference and a planted tie come out alike in table and sentence", () => {
  const against = answer(5, { against: "rope", margin: 0.05 });
  const { rows, caption } = comparisonTable(against, planted(5));
  expect(caption).toBe("loss by position, 0–1 L_max (nats); lower is better");
  const outcomes = Object.fromEntries(rows.map(({ condition, outcome }) => [condition, outcome]));
  expect(outcomes).toEqual({ rope: "the reference", alibi: "worse", sandwich: "worse" });
  expect(comparisonSentence(against)).toMatch(/Against `rope`: `(alibi|sandwich)` is worse by 0\.20\d; /);
  const tie = answer(5, { against: "alibi", margin: 0.05 });
  const verdicts = Object.fromEntries(
    comparisonTable(tie, planted(5)).rows.map((r) => [r.condition, r.outcome]),
  );
  expect(verdicts).toEqual({ rope: "better", alibi: "the reference", sandwich: "the same within 0.05" });
  expect(comparisonSentence(tie)).toContain("`sandwich` is the same within 0.05");
  const all = answer(5, {});
  expect(comparisonSentence(all)).toMatch(
    /2 of 3 pairs differ\. Nothing tells apart `(alibi|sandwich)` and `(alibi|sandwich)`\./,
  );
});

test("two seeds say nothing, and why", () => {
  const few = answer(2, { against: "rope" });
  expect(comparisonSentence(few)).toMatch(/Fewer than 3 seeds in common say nothing/);
  expect(comparisonTable(few, planted(2)).rows.find(({ condition }) => condition === "alibi")?.outcome).toBe(
    "2 seeds in common: below 3, no interval",
  );
});

test("successes are what their metric says, not values that happen to be 1 and 0", () => {
  const told = (metric: string) => {
    const runs = ["rope", "alibi"].flatMap((name) =>
      [1, 2, 3].map((seed) => run(name, seed, [row(metric, name === "rope" ? 1 : 0)])),
    );
    const [answer] = answersOf(runs, metrics, {}) as [Answer];
    const { columns, rows } = comparisonTable(answer, runs);
    return [
      columns.find(({ key }) => key === "mean")?.heading,
      rows.find(({ condition }) => condition === "rope")?.mean,
      answer.decision.contrasts[0]?.p,
    ];
  };
  expect(told("success_at_2l")).toEqual(["P(success) [95%]", "1.00 [0.29, 1.00]", 0.25]);
  expect(told("swap_accuracy")).toEqual(["mean ± sd", "1.00 ± 0.00", 0.25]); // no t of values without spread
});

test("means that three digits do not tell apart are one number, with which is lowest and highest", () => {
  const runs = [1, 2, 3].flatMap((seed) => [
    run("rope", seed, [row("nll", 3.3401 + seed / 1e4)]),
    run("alibi", seed, [row("nll", 3.3402 + seed / 1e4)]),
  ]);
  const [answer] = answersOf(runs, metrics, {}) as [Answer];
  expect(comparisonSentence(answer)).toContain(
    ": 3.34 nats for all, as far as it is shown; lowest for `rope` and highest for `alibi`.",
  );
});

test("means that differ by the order of a sum alone are one", () => {
  const seeds = (condition: string, values: readonly number[]) =>
    values.map((value, i) => run(condition, i + 1, [row("nll", value)]));
  const runs = [...seeds("rope", [0.1, 0.2, 0.3]), ...seeds("alibi", [0.3, 0.2, 0.1])];
  const [answer] = answersOf(runs, metrics, {}) as [Answer];
  expect(comparisonSentence(answer)).toMatch(/: 0\.200 nats for all\.$/);
});

test("conditions that split text into different tokens are named", () => {
  const split = (condition: string, size: number, data?: string): ComparedRun => ({
    ...run(condition, 1, [], data),
    vocabulary: `${size}`,
  });
  expect(vocabulariesSentence([split("gpt2", 50257), split("distilgpt2", 50257)])).toBeUndefined();
  expect(vocabulariesSentence([split("rope", 30, "who"), split("rope", 70, "shakespeare")])).toBeUndefined();
  expect(
    vocabulariesSentence([split("gpt2", 50257), split("distilgpt2", 50257), split("pythia", 50277)]),
  ).toBe(
    "Their tokenizers differ: `gpt2` and `distilgpt2`; `pythia`. Losses are per token and lengths are in tokens, so neither can be compared between them.",
  );
});
