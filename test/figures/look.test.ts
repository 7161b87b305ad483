/**
 * The pictures of `probe --look`: a map a head, named by its tokens, and sentences whose numbers
 * are in the maps.
 */
import { describe, expect, test } from "vitest";
import { type Look, lookSections } from "../../src/figures/look.ts";
import { nodeDocument } from "../../src/node/report/node-document.ts";
import type { AttentionMap } from "../../src/probes/look.ts";

const document = await nodeDocument();
const TOKENS = ["the", "<b>", "dog"];
const CAUSAL = [
  [1, null, null],
  [0.25, 0.75, null],
  [0.5, 0.25, 0.25],
];
const map = (context: number, layer: number, head: number, values = CAUSAL): AttentionMap => ({
  ...{ context, layer, head, values },
});
const contexts = [0, 1].map(() => ({ tokens: TOKENS, ids: [0, 1, 2] }));
const NOTHING: Look = { contexts: [], patterns: [], biases: [], frequencies: [] };

describe("patterns", () => {
  const other = [
    [1, null, null],
    [1, 0, null],
    [0, 1, 0],
  ];
  const patterns = [map(0, 0, 0), map(0, 0, 1, other), map(1, 0, 0), map(1, 0, 1, other)];
  const [section] = lookSections({ ...NOTHING, contexts, patterns }, document);

  test("have a figure for each head of each context, those of one head side by side", () => {
    const titles = section?.figures?.map(({ title }) => title);
    const heads = ["head 0", "head 0", "head 1", "head 1"];
    expect(titles).toEqual(heads.map((head) => `${head}: the <b> dog`));
    for (const { svg } of section?.figures ?? []) {
      for (const token of ["the", "&lt;b&gt;", "dog"]) expect(svg.split(`>${token}<`)).toHaveLength(3); // rows and columns
      expect(svg).not.toContain("NaN");
    }
  });

  test("are read to a person: means over the queries that have such a key", () => {
    // Head 0: itself (1 + 0.75 + 0.25)/3, before (0.25 + 0.25)/2, first (0.25 + 0.5)/2; head 1: 1/3, 1, 0.5.
    expect(section?.lead).toBe(
      "Most weight on average is given to the token itself by head 0 (0.67), to the token before by head 1 (1.00), to the first token by head 1 (0.50).",
    );
    expect(section?.figures?.[0]?.caption).toBe("Most to another: dog → the, 0.50.");
  });

  test("of more heads than a page shows are drawn as means, and say so", () => {
    const many = Array.from({ length: 65 }, (_, head) => map(0, 0, head, head === 0 ? other : CAUSAL));
    const [mean, ...more] = lookSections({ ...NOTHING, contexts, patterns: many }, document);
    expect([mean?.figures?.length, more]).toEqual([1, []]);
    expect(mean?.figures?.[0]?.title).toBe("mean of the heads: the <b> dog");
    expect(mean?.caption).toMatch(/Means over heads: choose some with --heads/);
    expect(mean?.figures?.[0]?.caption).toBe("Most to another: dog → the, 0.49."); // 64/65·0.5
  });
});

test("a bias that is the same in both contexts is drawn once, and each sign has its colour", () => {
  const bias = [
    [0, null, null],
    [-1, 0, null],
    [-2, 1, 0],
  ];
  const sections = lookSections(
    { ...NOTHING, contexts, biases: [map(0, 1, 0, bias), map(1, 1, 0, bias)] },
    document,
  );
  expect(sections.map(({ heading, figures }) => [heading, figures?.length])).toEqual([
    ["Block 1: what its bias adds", 1],
  ]);
  const svg = sections[0]?.figures?.[0]?.svg as string;
  expect(svg).toContain("--positive");
  expect(svg).toContain("--negative");
  expect(sections[0]?.lead).toContain("2.00");
});

test("tables and frequencies have a section each where there are any", () => {
  const table = [
    [1, 0],
    [0, 1],
  ];
  const turning = { pair: 0, columns: [0, 1] as const, frequency: 1, wavelength: 2 * Math.PI };
  const sections = lookSections({ ...NOTHING, table, frequencies: [turning] }, document);
  expect(sections.map(({ id }) => id)).toEqual(["table", "frequencies"]);
  expect(sections[0]?.figures).toHaveLength(2);
  expect(sections[1]?.table?.rows).toEqual([{ ...turning, columns: "0, 1" }]);
  expect(sections[1]?.lead).toContain("from 6.283 to 6.283 positions");
  expect(lookSections(NOTHING, document)).toEqual([]);
});
