/** Whether a run was asked as it was trained: that answer stands in `probes/NAME.json`. */
import { parseConfig } from "../../config.ts";
import type { Probe } from "../../probes/probe.ts";
import type { Question } from "../run/asked.ts";
import { canonicalJson } from "../run/names.ts";

/** Whether nothing but the seed was chosen. */
export function isAsTrained(
  probe: Probe,
  config: object,
  {
    scheme,
    changes = [],
    ablate = [],
    files = {},
  }: Pick<Question, "scheme" | "changes" | "ablate" | "files">,
): boolean {
  const parsed = (given: object) =>
    canonicalJson(parseConfig(probe.config, given, `probe ${probe.name}`) as object);
  return (
    (scheme === undefined || scheme.kind === "contiguous") &&
    changes.length === 0 &&
    ablate.length === 0 &&
    files.pairs === undefined &&
    files.text === undefined &&
    parsed(config) === parsed({})
  );
}
