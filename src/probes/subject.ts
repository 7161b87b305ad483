/** From a checkpoint to what probes question, and from a probe's name to its answer. */
import { parseConfig } from "../config.ts";
import type { AnyData } from "../data/index.ts";
import { InputError } from "../errors.ts";
import { requireFinite } from "../finite.ts";
import type { Checkpoint } from "../node/run/checkpoint.ts";
import { openData, textFingerprint } from "../node/run/data.ts";
import { requireSameText } from "../node/run/identity.ts";
import { readRunJson } from "../node/run/run-json.ts";
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
export function subjectOf(
  { model, params, tokenizer, preset, path }: Checkpoint,
  data: AnyData | undefined,
  placing?: Placing,
): Subject {
  if (data === undefined) {
    throw new InputError(
      `${path}: was not trained in the world "${preset.data.kind}", which probes question; ask it with --pair, or for its logits`,
    );
  }
  const { train, seed } = preset;
  return { model, params, tokenizer, data, training: { train, seed }, ...(placing && { placing }) };
}

/**
 * The data that a checkpoint was trained on, undefined where its tokens are not those of that data.
 *
 * @param tell is told what takes long: a text that is fetched or encoded.
 * @throws InputError where the text is another than its run was trained on.
 */
export async function dataOf(
  { tokenizer, preset, run }: Checkpoint,
  tell: (text: string) => void = () => {},
): Promise<AnyData | undefined> {
  const trained = run === undefined ? undefined : readRunJson(run)?.textSha256;
  const requireText = (now: string | undefined) =>
    requireSameText(run ?? "", preset.data, [trained, now], "put the text back that it was trained on");
  requireText(await textFingerprint(preset.data)); // before another text is encoded
  const data = await openData(preset.data, preset.seed, { tokenizer, tell });
  if (data.kind === "text") requireText(data.fingerprint);
  const vocabulary = (of: Checkpoint["tokenizer"]) => JSON.stringify(of.toJSON());
  return vocabulary(tokenizer) === vocabulary(data.tokenizer) ? data : undefined;
}

/** The probes that can ask about a kind of data. */
export function probesFor({ data }: Subject): typeof probes {
  return probes.filter((probe) => probe.data.includes(data.kind));
}

/**
 * Runs probes by name. Each draws from a random stream of its own name, so that none moves another's numbers.
 *
 * @param config fields of the probe's own, by name
 * @throws InputError for an unknown name, or data that the probe cannot ask about; NotFiniteError.
 */
export async function runProbe(
  name: string,
  subject: Subject,
  seed: number,
  config: object = {},
): Promise<Measurement[]> {
  const probe = probeNamed(name);
  const { kind } = subject.data;
  if (!probe.data.includes(kind)) {
    const others = probesFor(subject).map((known) => known.name);
    throw new InputError(
      `probe ${name}: asks about data of kind ${probe.data.join(" or ")}, and this model was trained on "${kind}"; use --probe ${others.join(",")}`,
    );
  }
  const rows = await probe.run(
    subject,
    parseConfig(probe.config, config, `probe ${name}`),
    createRng(seed, `probes/${name}`),
  );
  return requireFinite(`probe ${name}`, rows);
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
