/** How two conditions compare, in words. */
import type { Answer } from "../compare/answers.ts";
import type { Contrast } from "../compare/decide.ts";
import type { SeedOrder } from "../compare/order.ts";
import { LEAST_SEEDS } from "../compare/paired.ts";
import type { Metric } from "../probes/probe.ts";
import { quantity } from "../quantity.ts";
import { isHigher, short } from "./seed-values.ts";

/** How a contrast ended, as the metric judges it. */
export function outcomeText(contrast: Contrast, { decision, metric }: Answer): string {
  const { outcome, difference, order } = contrast;
  switch (outcome) {
    case "different": {
      const [higher, better] = [isHigher(contrast), metric?.better ?? "neither"];
      if (better === "neither") return higher ? "higher" : "lower";
      return higher === (better === "higher") ? "better" : "worse";
    }
    case "equivalent":
      return `the same within ${decision.margin}`;
    case "undecided":
      if (order) return undecidedText(order, metric?.better);
      if (difference.detectable === undefined) return "undecided";
      return `undecided: ${difference.n} seeds may miss less than ${short(difference.detectable)}`;
    case "unknown": {
      const { n } = order ?? difference;
      return `${quantity(n, "seed")} in common: below ${LEAST_SEEDS}, no interval`;
    }
    default:
      return outcome satisfies never;
  }
}

function undecidedText({ n, higher, lower }: SeedOrder, better: Metric["better"] = "neither"): string {
  if (better === "neither") return `undecided: higher in ${higher}, lower in ${lower} of ${n} seeds`;
  const [good, bad] = better === "higher" ? [higher, lower] : [lower, higher];
  return `undecided: better in ${good}, worse in ${bad} of ${n} seeds`;
}
