/** What `ablate --plan` prints. */
import { count, duration } from "../../figures/format.ts";
import { textTable } from "../../figures/table.ts";
import type { Estimate } from "../jobs/sweep/estimate.ts";
import { terminalColumns } from "./wrap.ts";

/** A row for each condition and data, and what all cost together. */
export function planText(estimates: readonly Estimate[], directory: string): string {
  const rows = estimates.map(({ data, condition, runs, done, parameters, steps, msPerStep, megabytes }) => ({
    ...{ data, condition, runs, done, parameters, steps },
    step: msPerStep === undefined ? undefined : `${msPerStep.toFixed(1)} ms`,
    disk: `${megabytes.toFixed(0)} MB`,
  }));
  const hasData = estimates.some(({ data }) => data !== "");
  const columns = [
    ...(hasData ? ["data"] : []),
    ...["condition", "runs", "done", "parameters", "steps", "step", "disk"],
  ].map((key) => ({ key, heading: key }));
  const seconds = estimates.reduce(
    (sum, { runs, done, steps, msPerStep = 0 }) => sum + ((runs - done) * steps * msPerStep) / 1000,
    0,
  );
  const [all, done] = [total(estimates, "runs"), total(estimates, "done")];
  return [
    textTable(columns, rows, terminalColumns()),
    `${count(all)} runs, ${count(done)} of them done, in ${directory}. Training what is left takes ${duration(seconds)} of one process with all threads, probes apart.`,
  ].join("\n\n");
}

const total = (estimates: readonly Estimate[], key: "runs" | "done") =>
  estimates.reduce((sum, one) => sum + one[key], 0);
