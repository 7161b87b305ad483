/** The door of what is printed and saved, and the search for where numbers first cease to be finite. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { parseConfig } from "../src/config.ts";
import { firstNotFinite, NotFiniteError, requireFinite } from "../src/finite.ts";
import { modelSchema } from "../src/model/config.ts";
import { firstPlace, placeIn } from "../src/model/not-finite.ts";
import { escaped, jsonText, oneLine, printable, printableLines } from "../src/printable.ts";
import { param } from "../src/tensor/params.ts";
import { tf } from "../src/tensor/tf.ts";
import { disposeTree } from "../src/tensor/tree.ts";
import { startTestEngine } from "./engine-for-tests.ts";
import { livelyParams, logitsFor, smallModel, someTokens } from "./model/small.ts";

beforeAll(async () => {
  await startTestEngine();
});

describe("numbers that are none", () => {
  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    "%d is found, however deep",
    (value) => {
      const rows = [{ value: 1 }, { value: null, at: { text: "NaN", values: new Float32Array([1, value]) } }];
      expect(() => requireFinite("probe order", rows)).toThrow(NotFiniteError);
      expect(() => jsonText("probe order", rows)).toThrow(
        `probe order: 1.at.values.1 is ${value}, which is no result`,
      );
      expect(firstNotFinite([0, value, value])).toBe(1);
      expect(firstNotFinite(Float32Array.of(1, -3.4e38, 1e-45, value).subarray(1))).toBe(2);
    },
  );

  test("all else passes as it is", () => {
    const rows = [{ value: -0, none: null, left: undefined, text: "NaN" }];
    expect(requireFinite("rows", rows)).toBe(rows);
    expect(firstNotFinite([1, 2])).toBe(-1);
    expect(firstNotFinite(Float32Array.of(3.4e38, -3.4e38, 1e-45, -0))).toBe(-1);
    expect(jsonText("rows", rows)).toBe(JSON.stringify(rows));
  });

  test("row-major places: 7 of (2,2,3) is (1,0,1)", () => {
    expect([placeIn([2, 2, 3], 7), placeIn([], 0)]).toEqual(["(1,0,1)", "()"]);
  });
});

test("every command prints JSON and text of a model through the doors of scripts/print.ts", () => {
  const scripts = join(import.meta.dirname, "..", "scripts");
  const own = new Set([
    "print.ts", // the door
    "doctor.ts", // what is installed
    join("bench", "worker.ts"), // times, to its parent
  ]);
  const found = readdirSync(scripts, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts") && !own.has(path))
    .filter((path) =>
      /(stdout\.write|console\.log)\([^;]*(JSON\.stringify|\.decode\(|\bnotes?\b)/.test(
        readFileSync(join(scripts, path), "utf8"),
      ),
    );
  expect(found).toEqual([]);
});

describe("where they first appear", () => {
  const tokens = [1, 2, 3];
  const positions = Float32Array.of(0, 1, 2);

  test("is a parameter, by its name and place", async () => {
    const model = smallModel({ kind: "none" });
    const params = livelyParams(model);
    const values = Float32Array.from(await param(params, "h.1.mlp.c_fc.weight").data());
    values[model.shape.width * 4 + 2] = Number.POSITIVE_INFINITY;
    const broken = tf.tensor2d(values, [model.shape.width, 4 * model.shape.width]);
    const pass = { model, params: { ...params, "h.1.mlp.c_fc.weight": broken }, tokens, positions };
    expect(await firstPlace(pass)).toBe("parameter h.1.mlp.c_fc.weight, Infinity at (1,2)");
    expect(await firstPlace({ ...pass, params })).toBeUndefined();
    disposeTree({ params, broken });
  });

  test("is an activation, where the parameters are finite, and nothing is left behind", async () => {
    const model = smallModel({ kind: "none" });
    const params = livelyParams(model);
    const bias = () => tf.fill([2, 3, 3], Number.NaN) as tf.Tensor3D;
    const encoding = {
      ...model.encoding,
      bias: (state: { layer: number }) => (state.layer === 1 ? bias() : tf.zeros([2, 3, 3])),
    };
    const before = tf.memory().numTensors;
    const place = await firstPlace({
      model: { ...model, encoding } as typeof model,
      params,
      tokens,
      positions,
    });
    expect(place).toBe("blocks.1.attn.bias");
    expect(tf.memory().numTensors).toBe(before);
    disposeTree(params);
  });
});

test.each([
  ["sinusoidal", "scale"],
  ["fire", "threshold"],
])(
  "model.position of %s: a %s that float32 does not hold is refused, and the largest gives finite logits",
  (kind, field) => {
    const position = (value: number) => ({ kind, [field]: value });
    expect(() => parseConfig(modelSchema(), { position: position(1e39) }, "a")).toThrow(
      new RegExp(`^a: position\\.${field}: .*<=1000000$`),
    );
    const model = smallModel(position(1e6));
    const params = livelyParams(model);
    expect(firstNotFinite(logitsFor(model, params, someTokens()).flat(2))).toBe(-1);
    disposeTree(params);
  },
);

describe("text that would steer a terminal", () => {
  const HOSTILE = "a\u001b[2J\u009b31m\u0007\u0008\u202eb\u2066\ufeff\u2028";

  test("shows as what it is not", () => {
    const hostile = /\p{Cc}|[\u202a-\u202e\u2066-\u2069\ufeff\u2028]/u;
    for (const clean of [
      printable,
      printableLines,
      oneLine,
      (text: string) => escaped(JSON.stringify(text)),
    ]) {
      expect(clean(HOSTILE)).not.toMatch(hostile);
    }
    expect(printable(HOSTILE)).toBe("a�[2J�31m���b���");
    expect(JSON.parse(jsonText("sample", { HOSTILE }))).toEqual({ HOSTILE });
  });

  test("but words of every script, emoji, line breaks and tabs of running text stay", () => {
    const text = "naïve\tdögs\n👩‍🔬 می‌خواهم क्‍ष 🏴󠁧󠁢󠁥󠁮󠁧󠁿 co\u00adop\n";
    expect(printableLines(text)).toBe(text);
    expect(printableLines("a\r\nb\r\n")).toBe("a\nb\n");
    expect(printable("a\nb")).toBe("a�b");
    expect(oneLine("a\n  b")).toBe("a b");
  });
});
