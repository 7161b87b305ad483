/** From a probe's name to its answer. */
import { parseConfig } from "../config.ts";
import { InputError } from "../errors.ts";
import { requireFinite } from "../finite.ts";
import { createRng } from "../tensor/rng.ts";
import { probes } from "./index.ts";
import { isLarge } from "./large.ts";
import { type Measurement, type Need, needsText, type Probe, type Subject } from "./probe.ts";

/** How a person gives a model what a probe needs. */
const GIVE: Readonly<Record<Need, string>> = {
  pairs: "two orders of the same tokens and what should follow: --pairs FILE",
  minimal: "sentences, one good and one bad, a pair a line: --pairs FILE",
  windows: "running text: --text FILE",
  problems: "problems of several sizes: a model trained on a task or on who",
  training: "a record of how the model was trained: a checkpoint of whereabouts",
  history:
    "a run of which three steps or more are kept: --set train.saveEvery=100 where it is trained, and no step of it by name",
};

/** What a probe needs and a subject lacks; of what one would do for, all, where there is none. */
export function lackedBy(subject: Subject, { needs, needsOneOf = [] }: Probe): Need[] {
  const lacks = (need: Need) =>
    (need === "training" || need === "history" ? subject[need] : subject.material[need]) === undefined;
  return [...needs.filter(lacks), ...(needsOneOf.every(lacks) ? needsOneOf : [])];
}

/**
 * The probes that have what they need.
 *
 * @example
 * const config = modelSchema().parse({ layers: 1, heads: 2, width: 8, context: 8, position: { kind: "rope" } });
 * const tokenizer = wordsTokenizer(["dog", "bites", "man"]);
 * const model = createModel(config, tokenizer.vocabSize);
 * const subject = { model, params: initialize(model.specs, 1), tokenizer, material: {} };
 * assert.ok(!probesFor(subject).some(({ name }) => name === "order")); // it needs pairs
 */
export function probesFor(subject: Subject, known: readonly Probe[] = probes): Probe[] {
  return known.filter((probe) => lackedBy(subject, probe).length === 0);
}

/**
 * Why a probe does not fit a subject, and what to give; undefined where it fits.
 *
 * @example
 * const config = modelSchema().parse({ layers: 1, heads: 2, width: 8, context: 8, position: { kind: "rope" } });
 * const tokenizer = wordsTokenizer(["dog", "bites", "man"]);
 * const model = createModel(config, tokenizer.vocabSize);
 * const subject = { model, params: initialize(model.specs, 1), tokenizer, material: {} };
 * const [order] = probes;
 * assert.match(order && whyNot(subject, order) || "", /needs pairs/);
 */
export function whyNot(subject: Subject, probe: Probe): string | undefined {
  const lacked = new Set(lackedBy(subject, probe));
  if (lacked.size === 0) return undefined;
  const [needs, needsOneOf] = [probe.needs, probe.needsOneOf ?? []].map((some) =>
    some.filter((need) => lacked.has(need)),
  ) as [Need[], Need[]];
  return `probe ${probe.name}: needs ${needsText({ needs, needsOneOf }, (need) => `${need} (${GIVE[need]})`)}`;
}

/**
 * Runs a probe. Each draws from a random stream of its own name, so that none moves another's numbers.
 *
 * @param given a probe, or the name of a listed one
 * @param config fields of the probe's own, by name
 * @throws InputError for an unknown name, or where the subject lacks what the probe needs; NotFiniteError
 * @example
 * const size = defineProbe({
 *   name: "size",
 *   question: "How many parameters?",
 *   needs: [],
 *   metrics: { parameters: { title: "parameters", unit: "numbers", better: "neither", meaning: "Of all tensors." } },
 *   config: z.strictObject({}),
 *   run: async ({ model }) => [{ metric: "parameters", value: countParameters(model.specs), n: 1, at: {} }],
 * });
 * const config = modelSchema().parse({ layers: 1, heads: 2, width: 8, context: 8, position: { kind: "rope" } });
 * const tokenizer = wordsTokenizer(["dog", "bites", "man"]);
 * const model = createModel(config, tokenizer.vocabSize);
 * const subject = { model, params: initialize(model.specs, 1), tokenizer, material: {} };
 * const rows = await runProbe(size, subject, 1);
 * assert.equal(rows[0]?.unit, "numbers");
 */
export async function runProbe(
  given: string | Probe,
  subject: Subject,
  seed: number,
  config: object = {},
): Promise<Measurement[]> {
  const probe = typeof given === "string" ? probeNamed(given) : given;
  const lacked = whyNot(subject, probe);
  if (lacked !== undefined) {
    const others = probesFor(subject).map((known) => known.name);
    throw new InputError(`${lacked}; of this model can be asked: ${others.join(", ") || "nothing"}`);
  }
  const where = `probe ${probe.name}`;
  const rows = await probe.run(
    subject as Parameters<Probe["run"]>[0], // nothing that it needs is lacking
    parseConfig(probe.config, isLarge(subject.model) ? { ...probe.large, ...config } : config, where),
    createRng(seed, `probes/${probe.name}`),
  );
  const { ablated } = subject.model;
  const measured = rows.map(({ metric, value, n, se = null, at }) => ({
    ...{ metric, value, unit: unitOf(probe, metric), n, se },
    at: ablated === undefined ? at : { ...at, ablated },
  }));
  return requireFinite(where, measured);
}

function unitOf({ name, metrics }: Probe, metric: string): string {
  const found = metrics[metric];
  if (found !== undefined) return found.unit;
  throw new TypeError(
    `probe ${name}: returned a row of "${metric}", which its metrics do not list; they list ${Object.keys(metrics).join(", ")}`,
  );
}

/** @throws InputError for an unknown name. */
export function probeNamed(name: string, known: readonly Probe[] = probes): Probe {
  const probe = known.find((candidate) => candidate.name === name);
  if (probe === undefined) {
    throw new InputError(
      `--probe: unknown probe "${name}"; known: ${known.map((one) => one.name).join(", ")}`,
    );
  }
  return probe;
}
