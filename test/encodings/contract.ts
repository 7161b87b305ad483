/**
 * What every position encoding promises, as one suite of tests.
 *
 * That compiled equals eager, that engines agree and that memory is constant is in `contract-engines.ts`; that saved parameters load
 * to the same logits, in the run directory's tests; and each encoding is compared with loops written from its paper in a file of its own.
 */
import { describe, expect, test, vi } from "vitest";
import { parseConfig } from "../../src/config.ts";
import { type EncodingDefinition, POSITIONS } from "../../src/encodings/encoding.ts";
import { PositionError } from "../../src/errors.ts";
import { modelSchema } from "../../src/model/config.ts";
import type { Model } from "../../src/model/model.ts";
import { contiguous } from "../../src/model/positions.ts";
import { logitsOf } from "../../src/probes/logits.ts";
import { tf } from "../../src/tensor/tf.ts";
import { batchTensors } from "../../src/train/batch.ts";
import {
  furthest,
  gradientSizes,
  livelyParams,
  logitsFor,
  smallModel,
  someTokens,
  T,
  V,
} from "../model/small.ts";
import {
  type Alternatives,
  alternatives,
  attentionsOf,
  configsOf,
  type Item,
  isDefault,
  isExcused,
} from "./contract-data.ts";

/** float32 over a hundred or so sums of numbers of size 1 to 10; a shift also rounds angles anew, three times as far past 40. */
const ROUNDING = 1e-4;
/** Less than what any real change does to logits of size 1 here, and well above rounding. */
const A_CHANGE = 1e-3;

const settingOf = (one: Model) => ({ one, params: livelyParams(one) });

/** Declares the tests of one encoding. The caller starts an engine first. */
export function describeContract(definition: EncodingDefinition): void {
  const { kind } = definition;
  const fields = alternatives[kind] ?? {};
  const excused = (item: Item, config?: object) => isExcused(kind, item, config);
  const settings = new Map<string, ReturnType<typeof settingOf>>();
  /** Made once for all tests. In all but the default a second block would do the same again. */
  const made = (config: object = {}, attention = "causal", layers = isDefault(config) ? 2 : 1) => {
    const key = JSON.stringify({ config, attention, layers });
    const setting =
      settings.get(key) ?? settingOf(smallModel({ kind, ...config }, { attention, layers }, [definition]));
    settings.set(key, setting);
    return setting;
  };
  const configs = configsOf(kind);
  const attentions = attentionsOf(kind);
  describe(kind, () => {
    test.each(attentions)("logits are finite and of shape (B,T,V) under %s attention", (attention) => {
      for (const config of configs) {
        const { one, params } = made(config, attention);
        for (const length of [1, T, 8]) {
          const logits = logitsFor(one, params, someTokens(2, length));
          expect(logits.flat(2).every(Number.isFinite)).toBe(true);
          expect(logits.map((row) => row.map((at) => at.length))).toEqual(
            Array(2).fill(Array(length).fill(V)),
          );
        }
      }
    });

    test.skipIf(excused("causality"))(
      "causal: a change of token t changes no logit before t, and those at t",
      () => {
        for (const config of configs) {
          const { one, params } = made(config);
          const [tokens] = someTokens() as [number[]];
          const others = tokens.map((token, t) => tokens.with(t, (token + 1) % V)); // row t differs in t
          const originals = logitsFor(one, params, Array(T).fill(tokens));
          for (const [t, changed] of logitsFor(one, params, others).entries()) {
            const original = originals[t] as number[][];
            expect(changed.slice(0, t)).toEqual(original.slice(0, t));
            expect(furthest(changed[t], original[t])).toBeGreaterThan(A_CHANGE);
          }
        }
      },
    );

    test.skipIf(excused("bidirectional"))(
      "bidirectional: the last token changes the logits of the first",
      () => {
        const { one: both, params } = made({}, "bidirectional");
        const [tokens] = someTokens() as [number[]];
        const other = tokens.with(-1, ((tokens.at(-1) as number) + 1) % V);
        const [first] = logitsFor(both, params, [tokens])[0] as [number[]];
        const [changed] = logitsFor(both, params, [other])[0] as [number[]];
        expect(furthest(first, changed)).toBeGreaterThan(A_CHANGE);
      },
    );

    test("rows of a batch do not affect each other", () => {
      const { one, params } = made();
      const [a, b, c] = someTokens(3) as [number[], number[], number[]];
      expect(logitsFor(one, params, [a, b])[0]).toEqual(logitsFor(one, params, [a, c])[0]);
      const [alone] = logitsFor(one, params, [b]);
      expect(furthest(logitsFor(one, params, [a, b])[1], alone)).toBeLessThan(ROUNDING);
    });

    test.each(attentions)(
      "a context read in parts gives the logits of one read whole, under %s attention",
      (attention) => {
        for (const config of configs) {
          const { one, params } = made(config, attention);
          const whole = logitsFor(one, params, someTokens(), contiguous, { queries: T });
          for (const queries of isDefault(config) ? [1, 4] : [T - 1]) {
            const parts = logitsFor(one, params, someTokens(), contiguous, { queries });
            expect(furthest(parts, whole)).toBeLessThan(ROUNDING);
          }
        }
      },
    );

    test.skipIf(excused("gradient"))("every parameter gets a gradient that is not all zeros", () => {
      const strongest = new Map<string, number>();
      for (const config of configs) {
        for (const [name, size] of gradientSizes(made(config).one)) {
          strongest.set(name, Math.max(size, strongest.get(name) ?? 0));
        }
      }
      for (const [name, size] of strongest) expect(size, name).toBeGreaterThan(0);
    });

    test.skipIf(excused("shift"))(
      definition.relative
        ? "is relative: adding s to all positions leaves the logits as they are"
        : "is not relative: adding s to all positions changes the logits",
      () => {
        for (const config of definition.relative ? configs.filter((one) => !excused("shift", one)) : [{}]) {
          const { one: shifted, params } = made(config);
          const last = (shifted.encoding.maxPositions ?? POSITIONS) - T;
          const original = logitsFor(shifted, params, someTokens());
          for (const by of new Set([1, Math.min(40, last), Math.min(1e6, last), last])) {
            const moved = logitsFor(shifted, params, someTokens(), { kind: "shifted", by });
            const far = furthest(moved, original);
            if (definition.relative) expect(far, `${by}`).toBeLessThan(by <= 40 ? ROUNDING : 3 * ROUNDING);
            else if (by <= 40) expect(far).toBeGreaterThan(A_CHANGE);
          }
        }
      },
    );

    test("config: parse ∘ JSON is the identity, and an unknown field is refused by its path", () => {
      for (const config of configs) {
        const parsed = parseConfig(definition.config, config, kind);
        expect(parseConfig(definition.config, JSON.parse(JSON.stringify(parsed)), kind)).toEqual(parsed);
      }
      const preset = { position: { kind, thetta: 1 } };
      expect(() => parseConfig(modelSchema([definition]), preset, "preset")).toThrow(
        /position\.thetta is not a field/,
      );
    });

    test.each(Object.keys(definition.config.shape))(
      "config: each value of %s gives other logits",
      (field) => {
        const { beside = {}, to, length = T } = fields[field] ?? ({ to: [] } satisfies Alternatives);
        expect(to.length, `contract-data.ts lists no other values of ${field}`).toBeGreaterThan(0);
        const outputs = [beside, ...to.map((value) => ({ ...beside, [field]: value }))].map((config) => {
          const { one, params } = made(config, "causal", 2);
          return logitsFor(one, params, someTokens(2, length));
        });
        outputs.forEach((output, i) => {
          for (const other of outputs.slice(0, i)) expect(furthest(output, other)).toBeGreaterThan(A_CHANGE);
        });
      },
    );

    test("a position outside [0, maxPositions) is a RangeError before any kernel runs; inside, logits are finite", async () => {
      for (const config of configs) {
        const { one, params } = made(config);
        const limit = one.encoding.maxPositions;
        const by = limit === undefined ? 1000 : limit - T;
        const inside = logitsFor(one, params, someTokens(), { kind: "shifted", by });
        expect(inside.flat(2).every(Number.isFinite)).toBe(true);
        if (limit === undefined) continue;
        const kernels = vi.spyOn(tf.engine(), "runKernel");
        const scheme = { kind: "shifted", by: by + 1 } as const;
        const [tokens] = someTokens() as [number[]];
        await expect(logitsOf(one, params, tokens, { scheme })).rejects.toThrow(RangeError);
        const ids = Int32Array.from(tokens);
        const batch = { tokens: ids, targets: ids, batch: 1, length: T };
        expect(() => batchTensors(one, batch, scheme)).toThrow(PositionError);
        expect(kernels).not.toHaveBeenCalled();
        kernels.mockRestore();
      }
    });
  });
}
