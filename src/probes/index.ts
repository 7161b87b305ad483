import { attention } from "./attention.ts";
import { cosine } from "./cosine.ts";
import { coverage } from "./coverage.ts";
import { equivariance } from "./equivariance.ts";
import { exact } from "./exact.ts";
import { field } from "./field.ts";
import { frequencies } from "./frequencies.ts";
import { heads } from "./heads.ts";
import { kernel } from "./kernel.ts";
import { leakage } from "./leakage.ts";
import { learning } from "./learning.ts";
import { length } from "./length.ts";
import { minimal } from "./minimal.ts";
import { needle } from "./needle.ts";
import { order } from "./order.ts";
import { patching } from "./patching.ts";
import { policies } from "./policies.ts";
import { positions } from "./positions.ts";
import type { Metric, Probe } from "./probe.ts";
import { readout } from "./readout.ts";
import { shift } from "./shift.ts";
import { shuffles } from "./shuffles.ts";
import { terms } from "./terms.ts";
import { windows } from "./windows.ts";

/**
 * Every probe, by its name on the command line.
 *
 * @example
 * assert.ok(probes.some(({ name }) => name === "order"));
 */
export const probes: readonly Probe[] = [
  // in the order in which they are asked
  order,
  minimal,
  shuffles,
  equivariance,
  readout,
  patching,
  length,
  coverage,
  exact,
  windows,
  policies,
  field,
  needle,
  positions,
  attention,
  terms,
  cosine,
  shift,
  kernel,
  leakage,
  heads,
  frequencies,
  learning,
] as unknown as readonly Probe[]; // each `run` takes what its own schema parsed

/** What the metrics of probes say, by name. */
export const metricsOf = (known: readonly Probe[]): Readonly<Record<string, Metric>> =>
  Object.assign({}, ...known.map((probe) => probe.metrics));

/** What the metrics of all listed probes say, by name. */
export const metrics = metricsOf(probes);
