/**
 * The page of one model: its sentences tell numbers that stand in its tables, and it replaces no
 * file but its own.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { wordsTokenizer } from "../../../src/data/tokenizers/words.ts";
import { startEngine } from "../../../src/engine/index.ts";
import { requirePageFile } from "../../../src/node/report/page-file.ts";
import { PROBE_PAGE, type ProbePage, probePage } from "../../../src/node/report/probe-page.ts";
import { uncovered } from "../../../src/node/report/quotable.ts";
import type { Checkpoint } from "../../../src/node/run/checkpoint.ts";
import { probes } from "../../../src/probes/index.ts";
import { defineProbe, type Measurement, type Probe } from "../../../src/probes/probe.ts";
import { disposeTree } from "../../../src/tensor/tree.ts";
import { livelyParams, smallModel } from "../../model/small.ts";
import { PROVENANCE, result } from "./demo-results.ts";

const order = probes.find(({ name }) => name === "order") as Probe;
const mine = defineProbe({
  ...{ name: "mine", question: "What is mine?", needs: [], config: z.strictObject({}), run: async () => [] },
  metrics: { my_metric: { title: "mine", unit: "bits", better: "neither", meaning: "Of mine." } },
}) as unknown as Probe;
const own: Measurement[] = [
  { metric: "my_metric", value: 0.00001234, unit: "bits", n: 7, se: "exact", at: { layer: 1, "<b>": "<i>" } },
];

let checkpoint: Checkpoint;
beforeAll(async () => {
  await startEngine("cpu");
  const model = smallModel({ kind: "learned" });
  const tokenizer = wordsTokenizer(["dog", "man"]);
  checkpoint = {
    path: "/models/gpt2",
    kind: "huggingface",
    model,
    params: livelyParams(model),
    tokenizer,
    notes: [],
  };
});
afterAll(() => disposeTree(checkpoint.params));

const rows = (accuracy: number) =>
  result("gpt2", { accuracy }).measurements.filter(({ metric }) => metric in order.metrics);
const pageOf = (fields: Partial<ProbePage> = {}) =>
  probePage({
    checkpoint,
    answers: [{ probe: order, rows: rows(0.97) }],
    leftOut: ["probe length: needs windows (running text: --text FILE)"],
    provenance: { ...PROVENANCE, facts: { checkpoint: "models/gpt2", sha256: "ab".repeat(32) } },
    command: "npm run -s probe -- models/gpt2 --page gpt2.html",
    ...fields,
  });
const text = (html: string) =>
  html
    .replaceAll(/<style>.*?<\/style>|<svg.*?<\/svg>/gs, "")
    .replaceAll(/<[^>]+>/g, " ")
    .replaceAll(/\s+/g, " ");

describe("the page", () => {
  test("of an imported model: its sentences, where their numbers stand, all rows, what was left out, and where it is from", async () => {
    const html = await pageOf();
    const said = text(html);
    for (const part of [
      "What does gpt2 know about where?",
      "A causal model of 2 layers, width 16, 2 heads",
      "Imported.",
      "ab".repeat(32),
      "gpt2 (97%) prefers the right answer more often than guessing",
      "swap_accuracy split heldout 0.9700 accuracy 100 1",
      "probe length: needs windows (running text: --text FILE)",
      "npm run -s probe -- models/gpt2 --page gpt2.html",
      `${rows(0).length} rows as CSV`,
    ])
      expect(said).toContain(part);
    expect(html.match(/<details/g)).toHaveLength(1); // of the one probe
    const [, csv = ""] = /href="data:text\/csv;base64,([^"]+)"/.exec(html) ?? [];
    expect(Buffer.from(csv, "base64").toString()).toMatch(
      /^probe,metric,value,unit,n,se,split.*\norder,swap_accuracy,0.97,/,
    );
    expect(html).not.toContain('id="training"'); // nothing of what it has no rows for
  });

  test("of a model with an origin: what it was, and the hash of its weights", async () => {
    const sha256 = { "model-1.safetensors": "cd".repeat(32), "model-2.safetensors": "ef".repeat(32) };
    const from = (origin: Checkpoint["origin"]) => pageOf({ checkpoint: { ...checkpoint, origin } });
    expect(text(await from({ architecture: "opt", title: "<OPT>", sha256 }))).toContain(
      `Imported from &lt;OPT&gt; , model-1.safetensors sha256 ${"cd".repeat(32)} and 1 more.`,
    );
    expect(text(await from({ architecture: "opt" }))).toContain("Imported.");
  });

  test("has the rows of an own probe as a table, and tells the first where no figure does", async () => {
    const html = await pageOf({ answers: [{ probe: mine, rows: own }], leftOut: [] });
    expect(text(html)).toContain(
      "Of gpt2 , my_metric is 1.2e-5 exact bits (layer 1, &lt;b&gt; &lt;i&gt;, n 7).",
    );
    expect(html).not.toContain("<i>");
    expect(html).not.toContain("What was left out");
  });

  test("of several steps shows the best step in its figures, and all of them across training", async () => {
    const at = (step: number, accuracy: number) =>
      rows(accuracy).map((one) => ({ ...one, at: { step, ...one.at } }));
    const steps = [...at(10, 0.5), ...at(20, 0.97)];
    const html = await pageOf({
      checkpoint: { ...checkpoint, step: 20 },
      answers: [{ probe: order, rows: steps }],
    });
    expect(text(html)).toContain("gpt2 (97%) prefers");
    expect(text(html)).toContain("moves most between 10 and 20: from 0.50 to 0.97");
  });

  test("of two sentences has what was compared, with its numbers in a table", async () => {
    const comparisons = [
      {
        ...{ continuation: "", divergenceBits: 0.1234, distanceByLayer: [0, 0.25] },
        next: [[{ token: "man", probability: 0.61 }], [{ token: "dog", probability: 0.72 }]],
      },
    ] as const;
    const html = await pageOf({ comparison: { sentences: ["dog bites", "man bites"], comparisons } });
    expect(text(html)).toContain("the likeliest next word is “man” (61%)");
    expect(text(html)).toContain("divergence continuation none 0.1234 bits 1 2");
  });
});

test("a sentence is covered where its numbers are the tables', as they are rounded and written", () => {
  const known = [0.9734, -0.2, 1234, 2.4e-7];
  const sentence =
    "`rope-7` is right in 97% (0.973) of 1,234, falls by 0.2 and differs by 2.4e-7; “99” is a name, L_max no number.";
  expect(uncovered(sentence, known)).toEqual([]);
  expect(uncovered("It is 98% and 0.9735.", known)).toEqual(["98%", "0.9735"]);
});

test("a page replaces a page of its kind, and no other file", async () => {
  const folder = mkdtempSync(join(tmpdir(), "probe-page-"));
  try {
    const path = join(folder, "new", "page.html");
    requirePageFile(path, PROBE_PAGE); // not there: its folder is made
    writeFileSync(path, await pageOf());
    requirePageFile(path, PROBE_PAGE);
    writeFileSync(path, "<!doctype html><p>whereabouts");
    expect(() => requirePageFile(path, PROBE_PAGE)).toThrow(
      /is there and is no page of whereabouts probe; move it away/,
    );
    expect(readFileSync(path, "utf8")).toBe("<!doctype html><p>whereabouts");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
