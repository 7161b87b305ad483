/** Results of the main job, small and made up. */

import type { DemoResult } from "../../../src/figures/results.ts";
import type { Measurement } from "../../../src/probes/probe.ts";

export const PROVENANCE = {
  commit: "abc1234",
  engine: "cpu",
  seeds: [1],
  seconds: 61,
  versions: { node: "20.0.0" },
  date: "2025-03-01",
};
export const L = 8;

export function row(metric: string, value: number, at: Measurement["at"] = {}, unit = "nats"): Measurement {
  return { metric, value, unit, n: 100, at: { split: "heldout", ...at } };
}

/** A result whose loss past L_max is `past`. */
export function result(
  preset: string,
  { accuracy = 0.9, trained = 1, past = 1, policies = ["contiguous"] } = {},
): DemoResult {
  return {
    preset,
    encoding: preset.replace(/^none-.*/, "none"),
    title: `${preset} positions`,
    config: { model: { context: L } },
    parameters: 1000,
    log: [0, 10].flatMap((step) => [
      { step, split: "validation", loss: 2 - step / 10 },
      { step, split: "train", loss: 9 },
    ]),
    measurements: [
      row("swap_accuracy", accuracy, {}, "accuracy"),
      row("swap_accuracy", trained, { split: "train" }, "accuracy"),
      ...[0.1, 0.5].map((inverted) => row("prefix_shuffle_delta_nll", 1.5, { inverted })),
      row("prefix_shuffle_js", 0.25, { inverted: 0.5 }, "bits"),
      ...[0, 1, 2].map((layer) => row("hidden_distance", layer / 10, { layer })),
      ...policies.flatMap((beyond, i) => [
        ...Array.from({ length: 2 * L }, (_, position) =>
          row("nll", position < L ? 1 : past + i, { position, beyond }),
        ),
        ...[L, 2 * L].map((length) =>
          row("exact_match", length > L ? 0.5 : 1, { length, beyond }, "accuracy"),
        ),
        row("headroom", i === 0 ? 3 : 99, { beyond }, "tokens"),
      ]),
    ],
    positionTable:
      preset === "learned"
        ? { rows: 4, columns: 2, values: Float32Array.from([0, 1, 2, 3, 4, 5, 6, 7]) }
        : undefined,
  };
}
