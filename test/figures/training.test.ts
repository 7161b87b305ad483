/** Curves of training: every seed, their mean, and the floor where it is exact. */
import { expect, test } from "vitest";
import { whoConfig } from "../../src/data/corpora/who.ts";
import { perfectLoss } from "../../src/data/corpora/who-floor.ts";
import { encodingColor } from "../../src/figures/palette.ts";
import type { DemoResult } from "../../src/figures/results.ts";
import { training } from "../../src/figures/training.ts";
import { nodeDocument } from "../../src/node/report/node-document.ts";
import { result } from "../node/report/demo-results.ts";

const document = await nodeDocument();

const task = { kind: "task", task: "copy" };
/** Seeds of a preset that end 0.1 apart. */
const seeds = (preset: string, count: number, data: object = task, train = {}): DemoResult[] =>
  Array.from({ length: count }, (_, i) => ({
    ...result(preset),
    config: { model: { context: 8 }, data, train },
    log: [0, 10].map((step) => ({ step, split: "validation", loss: 2 - step / 10 + i / 10 })),
  }));

/** The colours of lines with such an attribute. */
const linesOf = (svg = "", attribute: string) =>
  [...svg.matchAll(/<g [^>]*fill="none"[^>]*>/g)]
    .filter(([group]) => group.includes(attribute))
    .map(([group]) => /stroke="(var[^"]+)"/.exec(group)?.[1]);
const [THIN, THICK] = ['stroke-opacity="0.45"', 'stroke-width="2"'];

test("a thin line each seed and a thick one for their mean, in the encoding's colour, and no bands", () => {
  const drawn = training.draw([...seeds("rope", 3), ...seeds("alibi", 3)], document);
  const [{ svg = "" } = {}] = drawn?.figures ?? [];
  const [rope, alibi] = [encodingColor("rope"), encodingColor("alibi")];
  expect(linesOf(svg, THIN)).toEqual([rope, rope, rope, alibi, alibi, alibi]);
  expect(linesOf(svg, THICK)).toEqual([rope, alibi]);
  expect(svg).not.toContain("fill-opacity");
  expect(drawn?.caption).toContain("Thin: each seed; thick: their mean.");
});

test("of one seed there is one line", () => {
  const drawn = training.draw(seeds("rope", 1), document);
  expect(linesOf(drawn?.figures?.[0]?.svg, THIN)).toEqual([]);
  expect(linesOf(drawn?.figures?.[0]?.svg, THICK)).toEqual([encodingColor("rope")]);
  expect(drawn?.caption).not.toContain("each seed");
});

test("the floor is 0 of listed tasks, the entropy of a little world, and of a masked model unknown", () => {
  expect(training.sentence(seeds("rope", 2))).toBe(
    "At the end of training the validation loss is 1.05 nats for `rope`. Each answer follows from its problem: a perfect model would have 0.00, the floor.",
  );
  const who = whoConfig.parse({ kind: "who", facts: 2 });
  const floor = (perfectLoss(who, 8) as number[]).reduce((sum, one) => sum + one / 8, 0);
  expect(training.sentence(seeds("rope", 2, who))).toContain(
    `A perfect model would have ${floor.toFixed(2)}, the floor.`,
  );
  for (const config of [
    { kind: "task", task: "of-my-own" },
    { kind: "text", corpus: "shakespeare" },
  ])
    expect(training.sentence(seeds("rope", 2, config))).not.toContain("floor");
  expect(training.sentence(seeds("rope", 2, who, { objective: "masked" }))).not.toContain("floor");
});
