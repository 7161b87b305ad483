/** What is written of the probes is what the code says of them. */
import { expect, test } from "vitest";
import type { z } from "zod";
import { metrics, probes } from "../../src/probes/index.ts";
import { type Metric, needsText, type Probe } from "../../src/probes/probe.ts";
import { textOf } from "../sources.ts";

const PATH = "src/probes/README.md";
const [START, END] = ["compares this part with the code -->\n", "<!-- end of probes -->"];

/** A probe as the README has it. */
function section(probe: Probe): string {
  const { name, question, metrics: own, config, large = {} } = probe;
  const told = (sizes: object) => Object.entries(sizes).map(([key, value]) => `\`${key}\` ${value}`);
  const sizes = told((config as z.ZodType).parse({}) as object);
  const ofLarge = told(large);
  return [
    `## \`${name}\`: ${question}`,
    "",
    `Needs ${needsText(probe, (need) => `\`${need}\``)}. Sizes: ${sizes.join(", ")}.${ofLarge.length > 0 ? ` Of large models: ${ofLarge.join(", ")}.` : ""}`,
    "",
    ...aligned([
      ["metric", "unit", "better", "exact null", "meaning"],
      ...Object.entries(own).map(([metric, one]) => row(metric, one)),
    ]),
    "\n",
  ].join("\n");
}

const row = (metric: string, { unit, better, meaning, null: exact }: Metric) => [
  `\`${metric}\``,
  unit,
  better,
  exact ? `${exact.value}: ${exact.of}` : "none",
  meaning,
];

/** A table as the formatter writes it. */
function aligned([head = [], ...body]: readonly (readonly string[])[]): string[] {
  const size = (text: string) => [...text].length;
  const widths = head.map((_, i) => Math.max(...[head, ...body].map((cells) => size(cells[i] as string))));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => cell + " ".repeat((widths[i] as number) - size(cell))).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...body.map(line)];
}

// `npx vitest run test/probes/readme.test.ts -u` writes the tables anew.
test("the README of the probes lists each with its metrics, units, directions, exact nulls and meanings", async () => {
  const [before, rest = ""] = textOf(PATH).split(START);
  const [, after] = rest.split(END);
  const written = [before, START, "\n", ...probes.map(section), END, after].join("");
  await expect(written).toMatchFileSnapshot(`../../${PATH}`);
});

test("no two probes have a metric of one name, and each says what a table needs", () => {
  expect(Object.keys(metrics)).toHaveLength(probes.flatMap((probe) => Object.keys(probe.metrics)).length);
  for (const [metric, { title, unit, meaning }] of Object.entries(metrics)) {
    expect(title && unit, metric).toBeTruthy();
    expect(meaning, metric).toMatch(/\.$/);
    expect(`${unit}${meaning}`, "would break a table").not.toMatch(/[|\n]/);
  }
});

test("the main README names probes that are listed, and says where all are", () => {
  const readme = textOf("README.md");
  const [, names = ""] = /--probe ([\w,]+)\]/.exec(readme) ?? [];
  const known = probes.map(({ name }) => name);
  expect(names).not.toBe("");
  for (const name of names.split(",")) expect(known).toContain(name);
  expect(readme).toContain(`\`${PATH}\``);
});
