/** Runs of a comparison, made up: conditions differ by their place in the list, seeds by a little noise. */
import type { ComparedRun } from "../../../src/compare/questions.ts";
import type { Measurement, MeasurementSite } from "../../../src/probes/probe.ts";
import { TERMS } from "../../../src/probes/score-terms.ts";

const L = 8;

interface Made {
  readonly seeds?: number;
  /** The furthest position, in multiples of L_max. */
  readonly factor?: number;
  /** Whether probes of heads were asked too. */
  readonly inside?: boolean;
  readonly data?: string;
}

/** @param conditions encodings, each of which is its own condition */
export function comparedRuns(conditions: readonly string[], made: Made = {}): ComparedRun[] {
  const { seeds = 3, factor = 16, inside = false, data } = made;
  return conditions.flatMap((condition, k) =>
    Array.from({ length: seeds }, (_, i): ComparedRun => {
      // Shared by a seed's runs, and so no part of a paired difference; then each run's own.
      const shared = Math.sin(7 * (i + 1)) / 10;
      const own = Math.sin(13 * (i + 1) + 5 * k) / 200;
      return {
        ...{ condition, encoding: condition, seed: i + 1, parameters: 1000 + k, context: L },
        ...(data === undefined ? {} : { data }),
        measurements: [...behaviour(k, shared + own, factor), ...(inside ? heads(k, own) : [])],
      };
    }),
  );
}

const row = (
  metric: string,
  value: number,
  unit: string,
  at: Record<string, string | number>,
): Measurement => ({
  ...{ metric, value, unit, n: 64, se: null },
  at: { split: "heldout", ...at } as MeasurementSite,
});

function behaviour(k: number, noise: number, factor: number): Measurement[] {
  const steep = Math.floor(k / 2) / 10; // neighbours are tied
  return [
    row("swap_accuracy", Math.min(1, 0.95 + noise / 2), "accuracy", {}),
    ...[100, 200, 400].map((step) =>
      row("answer_accuracy", step / 500 - steep + noise, "accuracy", { step }),
    ),
    ...[0.1, 0.5].map((inverted) => row("prefix_shuffle_delta_nll", 3 - steep + noise, "nats", { inverted })),
    ...Array.from({ length: factor * L }, (_, position) => {
      const past = Math.max(0, Math.log2((position + 1) / L));
      return row("nll", 0.6 + noise + steep * past, "nats", { position, beyond: "contiguous" });
    }),
    ...[1, 2, 4].map((times) => {
      const right = Math.max(0, Math.min(1, 1 + noise - (steep + 0.1) * (times - 1)));
      return row("exact_match", right, "accuracy", { length: times * L, beyond: "contiguous" });
    }),
  ];
}

function heads(k: number, noise: number): Measurement[] {
  const all = [0, 1].flatMap((layer) => [0, 1].map((head) => ({ layer, head })));
  return [
    ...all.flatMap((at) =>
      [0, 1, 2, 4].flatMap((distance) => [
        row("positional_kernel", 0.5 ** (distance / (1 + k + at.head)), "share", {
          ...{ ...at, distance, fed: "one word" },
        }),
      ]),
    ),
    ...all.map((at) =>
      row("kernel_near", 0.5 + noise, "ratio", { ...at, fed: "one word", within: 2, class: "local" }),
    ),
    ...all.flatMap((at) =>
      ["pattern_leakage", "score_leakage"].map((metric) =>
        row(metric, Math.abs(noise) + at.head / 10, "ratio", { ...at, fed: "random words" }),
      ),
    ),
    ...all.flatMap((at) =>
      [0, 1].map((pair) => row("frequency_share", 0.5 + (pair - 0.5) / (k + 2), "ratio", { ...at, pair })),
    ),
    ...[0, 1].flatMap((layer) =>
      TERMS.map((term, i) => row("term_share", (i + k) / 30, "ratio", { layer, term, basis: "means" })),
    ),
  ];
}
