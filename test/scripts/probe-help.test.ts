/** The help of `probe` is made from the probes. */
import { expect, test } from "vitest";
import yargs from "yargs";
import { builder } from "../../scripts/probe.ts";
import { probesText } from "../../src/node/report/probes-text.ts";
import { probes } from "../../src/probes/index.ts";
import { run } from "./run-command.ts";

test("help has each probe's question, needs, metrics with their units, and sizes, in lines of 80 columns", async () => {
  const help = await builder(yargs([])).getHelp();
  const paragraphs = probesText(probes).split("\n\n");
  expect(paragraphs).toHaveLength(probes.length);
  for (const [i, { name, question, needs, needsOneOf = [], metrics, config }] of probes.entries()) {
    const paragraph = paragraphs[i] as string;
    expect(help).toContain(paragraph);
    const text = paragraph.replaceAll(/\s+/g, " ");
    const needed = [...needs, needsOneOf.join(" or ")].filter(Boolean).join(" and ");
    expect(text).toContain(`${name}: ${question} needs ${needed || "nothing but the model"} `);
    for (const [metric, { unit }] of Object.entries(metrics)) expect(text).toContain(`${metric} (${unit}`);
    for (const field of Object.keys(config.shape)) expect(text).toContain(` ${field}=`);
    for (const line of paragraph.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  }
});

test("the command prints it", async () => {
  const { code, stdout } = await run("probe", "--help");
  expect(code).toBe(0);
  expect(stdout).toContain("swap_accuracy (accuracy, higher is better)");
});
