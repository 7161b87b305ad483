/** `whereabouts probe` of a model without some of its parts, and what `--look` shows of one. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Look } from "../../src/figures/look.ts";
import type { Measurement } from "../../src/probes/probe.ts";
import { PAIR, parsed, smallestRun } from "./smallest-run.ts";

const { trained, probe } = smallestRun();

describe("--ablate", () => {
  test("takes a part out, rows say so, and such answers are not kept as the run's", async () => {
    const whole = parsed<Measurement[]>(await probe("--probe", "order", "--json"));
    const saved = join(trained, "probes", "order.json");
    const kept = readFileSync(saved, "utf8");
    const [outcome, refused] = await Promise.all([
      probe("--probe", "order", "--json", "--ablate", "pos_embed", "--ablate", "blocks.0.mlp_out=mean"),
      probe("--probe", "order", "--ablate", "blocks.0.attn.pos"),
    ]);
    const rows = parsed<Measurement[]>(outcome);
    expect(new Set(rows.map(({ at }) => at.ablated))).toEqual(new Set(["pos_embed, blocks.0.mlp_out=mean"]));
    const scores = (of: Measurement[]) =>
      of.filter(({ metric }) => metric === "swap_score").map(({ value }) => value);
    expect(scores(rows)).not.toEqual(scores(whole));
    expect(readFileSync(saved, "utf8")).toBe(kept);
    expect([refused.code, refused.stderr]).toEqual([
      2,
      expect.stringContaining("known: pos, embed, pos_embed"),
    ]);
  });
});

describe("--look", () => {
  test("shows who looks at whom in two sentences, as a table and as numbers", async () => {
    const [text, json] = await Promise.all([
      probe("--look", ...PAIR, "--layers", "0", "--heads", "0"),
      probe("--look", ...PAIR, "--json"),
    ]);
    expect(text.stdout).toMatch(/block 0, head 0, pattern\nquery .*dog +bites +man\n/);
    expect(text.stdout).toContain("Added to the tokens: 16 position vectors of");
    const look = parsed<Look>(json);
    expect(look.contexts.map(({ tokens }) => tokens.join(" "))).toEqual([
      "<bos> dog bites man",
      "<bos> man bites dog",
    ]);
    expect(look.patterns[0]?.values[0]).toEqual([1, null, null, null]);
    for (const { values } of look.patterns)
      for (const row of values) expect(row.reduce<number>((sum, w) => sum + (w ?? 0), 0)).toBeCloseTo(1, 5);
    expect(look.table).toHaveLength(16);
  });

  test("a head that is not there, and a list that is none, are refused", async () => {
    const [head, list] = await Promise.all([
      probe("--look", "--heads", "9"),
      probe("--look", "--layers", "all"),
    ]);
    expect([head.code, list.code]).toEqual([2, 2]);
    expect(head.stderr).toMatch(/there is no head 9/);
    expect(list.stderr).toMatch(/--layers: all is no list of numbers/);
  });
});
