/** `--with PROBE.FIELD=VALUE`: sizes of probes, for `probe` and `ablate`. */
import { z } from "zod";
import { assigned } from "../src/assignments.ts";
import { parseConfig } from "../src/config.ts";
import type { ProbeSizes } from "../src/node/jobs/job.ts";
import type { Probe } from "../src/probes/probe.ts";
import { probeNamed } from "../src/probes/run.ts";

/** By probe, the fields of its own that `--with PROBE.FIELD=VALUE` changes. */
export function sizesOf(changes: readonly string[], known: readonly Probe[]): ProbeSizes {
  const schema = z.object(Object.fromEntries(known.map(({ name, config }) => [name, config.optional()])));
  const given = assigned({}, changes, schema);
  for (const name of Object.keys(given)) probeNamed(name, known);
  return given as ProbeSizes; // each is the path of a field
}

/**
 * As `sizesOf`, with each value checked before anything is trained.
 *
 * @throws InputError naming the field that is wrong
 */
export function checkedSizes(changes: readonly string[], known: readonly Probe[]): ProbeSizes {
  const sizes = sizesOf(changes, known);
  for (const [name, fields] of Object.entries(sizes))
    parseConfig(probeNamed(name, known).config, fields, `--with: ${name}`);
  return sizes;
}
