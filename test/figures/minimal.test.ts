/** Minimal pairs as dots: a picture of each preset, a line of each paradigm. */
import { expect, test } from "vitest";
import { minimal } from "../../src/figures/minimal.ts";
import { nodeDocument } from "../../src/node/report/node-document.ts";
import { result, row } from "../node/report/demo-results.ts";

const document = await nodeDocument();
const accuracy = (value: number, words: string, paradigm?: string) =>
  row("minimal_accuracy", value, { split: "file", words, ...(paradigm && { paradigm }) }, "accuracy");
const withPairs = (preset: string) => ({
  ...result(preset),
  measurements: [accuracy(0.75, "equal"), accuracy(0.6, "unequal"), accuracy(0.75, "equal", "npi_scope")],
});

test("each preset has a picture, with a line of all pairs and one of each paradigm", () => {
  const drawn = minimal.draw([withPairs("rope"), withPairs("alibi")], document);
  expect(drawn?.figures?.map(({ title }) => title)).toEqual(["rope", "alibi"]);
  const svg = drawn?.figures?.[0]?.svg ?? "";
  expect(svg).toContain(">all pairs<");
  expect(svg).toContain(">npi scope<");
  expect(svg.match(/<circle|<path d="M[^"]*A/g)?.length).toBeGreaterThanOrEqual(3);
});

test("the sentence tells pairs of equal words from the others", () => {
  expect(minimal.sentence([withPairs("rope")])).toBe(
    "Of 100 pairs of equal words the good sentence is the likelier one in 75% for `rope`; of 100 pairs of unequal words the good sentence is the likelier one in 60% for `rope`.",
  );
});
