/** `whereabouts encodings`: what the definitions say, listed. */
import { expect, test } from "vitest";
import { encodings } from "../../src/encodings/index.ts";
import type { CatalogueEntry } from "../../src/model/catalogue.ts";
import { createModel } from "../../src/model/model.ts";
import { parsePreset } from "../../src/train/preset.ts";
import { run } from "./run-command.ts";
import { runInside } from "./run-inside.ts";

test("--json lists every encoding with every field, its default and bounds, what it claims, and its source", async () => {
  const { code, stdout, stderr } = await run("encodings", "--json");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const entries = JSON.parse(stdout) as CatalogueEntry[];
  expect(entries.map(({ kind }) => kind)).toEqual(encodings.map(({ kind }) => kind));
  for (const [i, { kind, title, source, relative, maxPositions, fields }] of entries.entries()) {
    const definition = encodings[i] as (typeof encodings)[number];
    expect({ title, source, relative }).toEqual({
      title: definition.title,
      source: definition.source,
      relative: definition.relative,
    });
    expect(fields.map(({ name }) => name)).toEqual(Object.keys(definition.config.shape));
    const given = Object.fromEntries(fields.map(({ name, default: value }) => [name, value]));
    const preset = parsePreset({ name: "x", model: { position: { kind, ...given } } }, "x.json"); // defaults are taken
    expect(createModel(preset.model, 9).encoding.maxPositions ?? null).toBe(maxPositions);
    for (const { type } of fields) expect(type).not.toMatch(/\bany\b|undefined|\[object/);
  }
  const rope = entries.find(({ kind }) => kind === "rope") as CatalogueEntry;
  expect(rope.relative).toBe(true);
  expect(rope.fields.find(({ name }) => name === "base")).toMatchObject({ default: 10_000 });
  expect(rope.fields.find(({ name }) => name === "base")?.type).toMatch(/^number > 1\b/);
  expect(rope.fields.find(({ name }) => name === "layout")?.type).toBe("halves | interleaved");
});

test("for a person it fits 80 columns, and each field is written as --set takes it", async () => {
  const { code, stdout } = await runInside("encodings");
  expect(code).toBe(0);
  expect(stdout.split("\n").filter((line) => [...line].length > 80 && line.trim().includes(" "))).toEqual([]);
  for (const { kind, title, config } of encodings) {
    expect(stdout).toMatch(new RegExp(`^${kind} {2}${title.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}`, "m"));
    for (const name of Object.keys(config.shape)) expect(stdout).toContain(`model.position.${name}=`);
  }
});
