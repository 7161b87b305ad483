/** `whereabouts probe` on a model of the smallest world, as a person or a program calls it. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Comparison } from "../../src/probes/pair.ts";
import type { Measurement } from "../../src/probes/probe.ts";
import { type Outcome, sets } from "./run-command.ts";
import { runInside } from "./run-inside.ts";
import { PAIR, parsed, smallestRun } from "./smallest-run.ts";

const { folder, trained, probe, probeAlone } = smallestRun();
const saved = join(trained, "probes", "order.json");

describe("measurements", () => {
  test("--json prints rows alone on stdout, and a run keeps the same rows in probes/order.json", async () => {
    const outcome = await probeAlone("--probe", "order", "--json");
    expect(outcome.stderr).toBe(
      "probe order (1 of 1): What does the model know of the order of its words?\n",
    );
    const rows = parsed<Measurement[]>(outcome);
    expect(rows.length).toBeGreaterThan(10);
    for (const { metric, value, unit, n, at } of rows) {
      expect([typeof metric, typeof value, typeof unit, typeof at]).toEqual([
        "string",
        "number",
        "string",
        "object",
      ]);
      expect(n).toBeGreaterThan(0);
    }
    const accuracy = rows.filter(({ metric }) => metric === "swap_accuracy");
    expect(accuracy.map(({ at }) => at.split)).toEqual(["heldout", "train"]);
    expect(JSON.parse(readFileSync(saved, "utf8"))).toEqual(rows);
    expect(readdirSync(join(trained, "probes"))).toEqual(["asked", "order.json"]);
  });

  test("what was asked is kept, in any form; --fresh asks anew; other sizes stand beside the run's rows", async () => {
    const rows = readFileSync(saved, "utf8");
    const csv = await probe("--probe", "order", "--csv");
    expect([csv.code, csv.stderr]).toEqual([0, "probe order (1 of 1): kept\n"]);
    const [head, first, ...others] = csv.stdout.trimEnd().split("\n");
    expect(head).toMatch(/^probe,metric,value,unit,n,se,split,/);
    expect(first).toMatch(/^order,swap_accuracy,[\d.]+,accuracy,\d+,[\d.]*,heldout,/);
    expect(others).toHaveLength(JSON.parse(rows).length - 1);
    expect((await probe("--probe", "order", "--fresh")).stderr).toContain("What does the model know");
    const sized = () => probe("--probe", "order,coverage", "--with", "order.examples=2", "--json");
    expect((await sized()).stderr).toMatch(
      /^probe order \(1 of 2\): What .*\nprobe coverage \(2 of 2\): Which/,
    );
    const again = await sized();
    expect(again.stderr).toMatch(
      /order \(1 of 2\): kept\nprobe coverage \(2 of 2\): kept\nprobe: 0 asked, 2 kept/,
    );
    expect(parsed<Measurement[]>(again)[0]?.n).toBe(2);
    expect(readFileSync(saved, "utf8")).toBe(rows);
    expect(readdirSync(join(trained, "probes", "asked"))).toEqual([
      "coverage.json",
      expect.stringMatching(/^order-[0-9a-f]{16}\.json$/),
      "order.json",
    ]);
  });

  test("of a step that was named, or under a changed policy, are not kept as the run's", async () => {
    const kept = readFileSync(saved, "utf8");
    const [named, table] = await Promise.all([
      runInside("probe", join(trained, "step-000003"), "--engine", "wasm", "--probe", "order", "--json"),
      probe("--probe", "order", ...sets("model.position.beyond=wrap")),
    ]);
    expect(parsed<Measurement[]>(named)).not.toEqual(JSON.parse(kept));
    expect(table.code).toBe(0);
    expect(table.stdout.trimEnd().split("\n").length).toBeGreaterThan(3); // for people
    expect(readFileSync(saved, "utf8")).toBe(kept);
  });
});

describe("position schemes", () => {
  test("move the contexts of a probe, and such answers are not kept as the run's", async () => {
    const rowsUnder = async (...scheme: string[]) =>
      parsed<Measurement[]>(await probe("--probe", "order", "--json", ...scheme));
    const contiguous = await rowsUnder();
    const kept = readFileSync(saved, "utf8");
    const shifted = await rowsUnder("--scheme", "shifted", "--by", "1");
    expect(shifted.map(({ metric }) => metric)).toEqual(contiguous.map(({ metric }) => metric));
    expect(shifted).not.toEqual(contiguous);
    expect(readFileSync(saved, "utf8")).toBe(kept);
  });

  test("coverage of a learned table is whole", async () => {
    const [row, ...others] = parsed<Measurement[]>(await probe("--probe", "coverage", "--json"));
    expect(row).toEqual({
      metric: "row_coverage",
      value: 1,
      unit: "ratio",
      n: 8,
      se: null,
      at: { parameter: "wpe.weight" },
    });
    expect(others).toEqual([]);
  });
});

describe("a pair of sentences", () => {
  test("--json compares them bare and after each question about their verb", async () => {
    const comparisons = parsed<Comparison[]>(await probe(...PAIR, "--json"));
    expect(comparisons.map(({ continuation }) => continuation)).toEqual([
      "",
      ". who bites ?",
      ". who is bitten ?",
    ]);
    for (const { next, divergenceBits, distanceByLayer } of comparisons) {
      expect(next.map((tokens) => tokens.length)).toEqual([5, 5]);
      expect(next.flat().every(({ probability }) => probability > 0 && probability < 1)).toBe(true);
      expect(divergenceBits).toBeGreaterThanOrEqual(0);
      expect(distanceByLayer).toHaveLength(2); // after the embedding, after the one block
    }
  });

  test("of which both are the same do not differ", async () => {
    const [bare] = parsed<Comparison[]>(await probe("--pair", "dog bites man", "dog bites man", "--json"));
    expect(bare?.divergenceBits).toBe(0);
    expect(bare?.next[0]).toEqual(bare?.next[1]);
  });
});

describe("a page", () => {
  test("of every kept step, and of two sentences; the steps' answers are kept, and a file of somebody's stays", async () => {
    const page = join(folder, "page.html");
    const args = ["--steps", "all", "--probe", "order", "--page", page, ...PAIR, "--json"];
    const outcome = await probe(...args);
    expect(parsed<Comparison[]>(outcome)[0]?.next.map((tokens) => tokens.length)).toEqual([5, 5]);
    expect(outcome.stderr).toMatch(/^probe order, step 3 \(1 of 2\): .*\nprobe order, step 6 \(2 of 2\): /);
    const html = readFileSync(page, "utf8");
    for (const id of ["order", "two-sentences", "across-training", "rows"])
      expect(html).toContain(`<section id="${id}">`);
    const rows = await probe("--steps", "all", "--probe", "order", "--csv");
    expect(rows.stderr).toMatch(/kept\n.*kept\nprobe: 0 asked, 2 kept/);
    expect(rows.stdout.split("\n")[0]).toMatch(/^probe,metric,value,unit,n,se,step,split/);
    writeFileSync(page, "mine");
    const refused = await probe("--page", page);
    expect([refused.code, readFileSync(page, "utf8")]).toEqual([2, "mine"]);
    expect(refused.stderr).toMatch(/page\.html: is there and is no page of whereabouts probe/);
  });
});

describe("what cannot be asked is one line on stderr, exit code 2 and nothing on stdout", () => {
  const cases: Record<string, readonly [readonly string[], RegExp]> = {
    "a probe that does not exist, before any work": [
      ["--probe", "order,colour"],
      /unknown probe "colour"; known: order, .*length/,
    ],
    "two forms": [["--csv", "--json"], /--csv: is given with --json; give one of them$/],
    "three sentences": [[...PAIR, "--pair", "man", "dog"], /--pair: takes two sentences/],
    "a scheme without its field": [["--scheme", "shifted"], /--scheme: by: /],
    "a seed that is no number": [["--seed", "one"], /--seed: .*expected number, received NaN$/],
    "a sentence longer than the table": [
      ["--pair", Array.from({ length: 16 }, () => "dog").join(" "), "dog"],
      /learned: position 16 is outside \[0, 16\); .*model\.position\.beyond$/,
    ],
  };

  const expectRefused = ({ code, stdout, stderr }: Outcome, message: RegExp) => {
    expect({ code, stdout, lines: stderr.trimEnd().split("\n").length }).toEqual({
      code: 2,
      stdout: "",
      lines: 1,
    });
    expect(stderr.trimEnd()).toMatch(message);
  };

  test.each(Object.entries(cases))("%s", async (_, [args, message]) => {
    expectRefused(await probe(...args), message);
  });

  test("two forms, in a process of its own", async () => {
    const [args, message] = cases["two forms"] as (typeof cases)[string];
    expectRefused(await probeAlone(...args), message);
  });
});
