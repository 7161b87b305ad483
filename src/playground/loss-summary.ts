/** What a curve of losses says: does it hold past L_max, or break? */
import { headroomOf } from "../probes/headroom.ts";
import { mean } from "../tensor/numbers.ts";

/** ε of the headroom, as in `probes/length.ts`. */
const SAME_NATS = 0.02;

export interface LossSummary {
  /** Mean loss of the second half of L_max, nats. */
  readonly inside: number;
  /** Of all tokens past L_max; undefined where there are none. */
  readonly past: number | undefined;
  /** The most tokens past L_max for which the mean loss so far stays what it was, give or take 0.02 nats. */
  readonly headroom: number;
  readonly holds: boolean;
}

/** @param losses of the tokens of a context, in their order */
export function lossSummary(losses: readonly number[], context: number): LossSummary {
  const past = losses.length > context ? mean(losses.slice(context)) : undefined;
  const headroom = headroomOf(losses, Math.min(context, losses.length), SAME_NATS) ?? 0;
  return {
    inside: mean(losses.slice(Math.floor(context / 2), context)),
    ...{ past, headroom, holds: headroom >= losses.length - context },
  };
}
