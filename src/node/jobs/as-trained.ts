/** Whether a run was asked as it was trained: that answer stands in `probes/NAME.json`. */
import { parseConfig } from "../../config.ts";
import type { Probe } from "../../probes/probe.ts";
import type { Question } from "../run/asked.ts";
import type { Checkpoint } from "../run/checkpoint.ts";
import { canonicalJson } from "../run/names.ts";

/** The seed with which a model is asked, unless another is given: its run's, or 1. */
export const probeSeed = ({ preset }: Pick<Checkpoint, "preset">): number => preset?.seed ?? 1;

/** Whether nothing was chosen. */
export function isAsTrained(
  probe: Probe,
  config: object,
  {
    checkpoint,
    seed,
    scheme,
    changes = [],
    ablate = [],
    files = {},
  }: Pick<Question, "seed" | "scheme" | "changes" | "ablate" | "files"> & {
    readonly checkpoint: Pick<Checkpoint, "preset">;
  },
): boolean {
  const parsed = (given: object) =>
    canonicalJson(parseConfig(probe.config, given, `probe ${probe.name}`) as object);
  return (
    seed === probeSeed(checkpoint) &&
    (scheme === undefined || scheme.kind === "contiguous") &&
    changes.length === 0 &&
    ablate.length === 0 &&
    files.pairs === undefined &&
    files.text === undefined &&
    parsed(config) === parsed({})
  );
}
