/** From a checkpoint to what probes question, and from a probe's name to its answer. */
import { parseConfig } from "../config.ts";
import { openData } from "../data/index.ts";
import { InputError } from "../errors.ts";
import type { Checkpoint } from "../run/checkpoint.ts";
import { createRng } from "../tensor/rng.ts";
import { probes } from "./index.ts";
import type { Placing } from "./placing.ts";
import type { Measurement, Subject } from "./probe.ts";

/**
 * The model of a checkpoint with the data that it was trained on.
 *
 * @param placing where the tokens of contexts stand; default 0, 1, 2, …
 * @throws InputError where that data is not known: a model that comes from elsewhere.
 */
export function subjectOf(checkpoint: Checkpoint, placing?: Placing): Subject {
  const { model, params, tokenizer, preset } = checkpoint;
  const { train, seed } = preset;
  const data = dataOf(checkpoint);
  if (data !== undefined) {
    return { model, params, tokenizer, data, training: { train, seed }, ...(placing && { placing }) };
  }
  throw new InputError(
    `${checkpoint.path}: was not trained in the world "${preset.data.kind}", which probes question; ask it with --pair, or for its logits`,
  );
}

/** The data that a checkpoint was trained on, undefined where its tokens are not those of that data. */
export function dataOf({ tokenizer, preset }: Checkpoint): Subject["data"] | undefined {
  const data = openData(preset.data, preset.seed);
  const vocabulary = (of: Checkpoint["tokenizer"]) => JSON.stringify(of.toJSON());
  return vocabulary(tokenizer) === vocabulary(data.tokenizer) ? data : undefined;
}

/**
 * Runs probes by name. Each draws from a random stream of its own name, so that none moves another's numbers.
 *
 * @param config fields of the probe's own, by name
 * @throws InputError for an unknown name.
 */
export async function runProbe(
  name: string,
  subject: Subject,
  seed: number,
  config: object = {},
): Promise<Measurement[]> {
  const probe = probeNamed(name);
  return probe.run(
    subject,
    parseConfig(probe.config, config, `probe ${name}`),
    createRng(seed, `probes/${name}`),
  );
}

/** @throws InputError for an unknown name. */
export function probeNamed(name: string): (typeof probes)[number] {
  const probe = probes.find((candidate) => candidate.name === name);
  if (probe === undefined) {
    throw new InputError(
      `--probe: unknown probe "${name}"; known: ${probes.map((known) => known.name).join(", ")}`,
    );
  }
  return probe;
}
