import { describe, expect, test } from "vitest";
import { assigned } from "../src/assignments.ts";
import { InputError } from "../src/errors.ts";
import { parsePreset } from "../src/train/preset.ts";
import { preset, refusal } from "./presets.ts";

describe("an assignment", () => {
  const changed = (...assignments: string[]) => {
    const object = { kept: 1, train: { steps: 5, batch: 2 }, text: "t" };
    return assigned(object, assignments);
  };
  const kept = { kept: 1, train: { steps: 5, batch: 2 }, text: "t" };

  test.each<[string, string, unknown]>([
    ["sets a field at the top", "seed=3", { ...kept, seed: 3 }],
    [
      "sets a nested field and leaves its neighbours",
      "train.steps=7",
      { ...kept, train: { steps: 7, batch: 2 } },
    ],
    ["makes the objects on its way", "a.b.c=1", { ...kept, a: { b: { c: 1 } } }],
    ["replaces what is no object on its way", "text.a=1", { ...kept, text: { a: 1 } }],
    ["reads JSON: true", "a=true", { ...kept, a: true }],
    ["reads JSON: null", "a=null", { ...kept, a: null }],
    ["reads JSON: a fraction", "a=3e-3", { ...kept, a: 0.003 }],
    ["reads JSON: an object", 'a={"kind":"shifted","by":7}', { ...kept, a: { kind: "shifted", by: 7 } }],
    ["reads JSON: a quoted number is text", 'a="7"', { ...kept, a: "7" }],
    ["takes other values as text", "a=clamp", { ...kept, a: "clamp" }],
    ["takes nothing as empty text", "a=", { ...kept, a: "" }],
    ["splits at its first equals sign", "a=b=c", { ...kept, a: "b=c" }],
  ])("%s", (_, assignment, expected) => {
    expect(changed(assignment)).toEqual(expected);
  });

  test.each(["train.steps", "=5", "", "a..b=1", ".a=1", "a.=1"])("is refused as %j", (assignment) => {
    expect(() => changed(assignment)).toThrow(InputError);
  });

  test.each([
    "__proto__.polluted=1",
    "a.__proto__.polluted=1",
    "constructor.prototype.polluted=1",
    "toString=1",
  ])("cannot reach prototypes: %s", (assignment) => {
    expect(() => changed(assignment)).toThrow(/^--set: ".*" is not the path of a field$/);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test("with a prototype in its JSON adds no field that is inherited", () => {
    expect(refusal(preset(), ['model={"__proto__":{"position":{"kind":"none"}}}'])).toMatch(/model/);
    expect(({} as Record<string, unknown>).position).toBeUndefined();
  });

  test("changes a copy of the preset, the last one winning", () => {
    const given = preset();
    expect(parsePreset(given, "a.json", ["train.steps=7", "train.steps=8"]).train.steps).toBe(8);
    expect(given).toEqual(preset());
  });

  test("through a list is refused by the path of the field", () => {
    expect(refusal(preset(), ["model=[1]", "model.width=8"])).toMatch(/^--set model=\[1\]: model: /);
  });
});

describe("a value is read as what may stand at its path", () => {
  const text = ["data.kind=text"];
  test.each([
    ["a path that looks like a number", [...text, "data.path=2024"], { data: { path: "2024" } }],
    ["whatever comes first", ["data.path=1e3", ...text], { data: { path: "1e3" } }],
    ["a path that looks like a constant", [...text, "data.path=null"], { data: { path: "null" } }],
    ["a path that looks like a list", [...text, "data.path=[1]"], { data: { path: "[1]" } }],
    ["a quoted path", [...text, 'data.path="7"'], { data: { path: "7" } }],
    ["a name of digits", ["name=007"], { name: "007" }],
    ["a number", ["train.steps=7"], { train: { steps: 7 } }],
    [
      "a field that takes numbers and a word: its number",
      ['model.position={"kind":"t5"}', "model.position.maxDistance=64"],
      { model: { position: { maxDistance: 64 } } },
    ],
    [
      "a field that takes numbers and a word: its word",
      ['model.position={"kind":"t5"}', "model.position.maxDistance=context"],
      { model: { position: { maxDistance: "context" } } },
    ],
    ["the last one of a field", ["train.steps=7", "train.steps=8"], { train: { steps: 8 } }],
  ])("%s", (_, changes, expected) => {
    expect(parsePreset(preset(), "a.json", changes)).toMatchObject(expected);
  });
});

describe("what is wrong is said of the assignment that made it so", () => {
  test.each<[string, readonly string[], RegExp]>([
    ["a field that is none", ["train.stpes=4"], /^--set train\.stpes=4: train\.stpes is not a field; known/],
    ["a wrong value", ["seed=2", "model.width=wide"], /^--set model\.width=wide: model\.width: .*number/],
    ["among right ones", ["train.steps=0", "seed=2"], /^--set train\.steps=0: train\.steps: /],
    [
      "one that spoils another field",
      ["model.heads=3"],
      /^--set model\.heads=3: model\.width: must be a multiple/,
    ],
    [
      "another kind",
      ["model.position.kind=rope"],
      /^--set model\.position\.kind=rope: model\.position\.beyond is not/,
    ],
    [
      "the first of two that are wrong",
      ["train.stpes=4", "train.btach=2"],
      /^--set train\.\w+=\d: train\.\w+ is not/,
    ],
    [
      "what does not go together",
      ["model.attention=bidirectional"],
      /^--set model\.attention=bidirectional: model\.att/,
    ],
    [
      "a part of what is missing",
      ["data.kind=text", "data.tokenizer=bpe"],
      /^--set data\.kind=text: data: needs a text/,
    ],
  ])("%s", (_, changes, message) => {
    expect(refusal(preset({ position: { kind: "learned", beyond: "clamp" } }), changes)).toMatch(message);
  });

  test("and of the file where it was wrong before", () => {
    expect(refusal(preset({ widht: 8 }), ["train.steps=7"])).toMatch(/^a\.json: model\.widht is not a field/);
  });

  test("but of the assignment where it is wrong besides", () => {
    expect(refusal(preset({ width: 18 }), ["model.layers=0"])).toMatch(
      /^--set model\.layers=0: model\.layers: /,
    );
  });
});
