/**
 * What changes when all positions are moved alike, and nothing else?
 *
 * The same contexts are read at their positions and at s more, s = 1, 2, 4, … as far as positions
 * are defined. Nothing is put before them, so that what moves is the answer of the model to places.
 * Contexts fill half of L_max, so that tables of L_max rows have room to move.
 *
 *     shift_max_logits   max |logits(s) − logits(0)| over contexts, tokens and vocabulary
 *     shift_js           mean Jensen-Shannon divergence of the distributions of the next token, of a masked model of each token's
 *     shift_delta_nll    mean loss at s less that at 0 (the phase shift of Sinha et al. 2022, arXiv:2210.12574); causal models alone
 *
 * All three are 0 in exact arithmetic where scores depend on differences of positions. In float32
 * angles and distances are rounded, the more the further out.
 */
import { z } from "zod";
import { POSITIONS } from "../encodings/encoding.ts";
import { meanWithError } from "../tensor/numbers.ts";
import { type Activation, type ActivationReader, openActivations } from "./activations.ts";
import { jensenShannonBits } from "./divergence.ts";
import { placesOf } from "./position-vectors.ts";
import { defineProbe, type MeasurementSite, type Metric, type Row, type Subject } from "./probe.ts";

const ALIKE = { value: 0, of: "an encoding of differences of positions, up to float32's rounding" } as const;

const METRICS = {
  shift_max_logits: {
    title: "largest change of a logit",
    unit: "logits",
    better: "neither",
    meaning:
      "All positions are moved by an offset and nothing else: how far a logit moves at most. Float32 leaves about 1e-5 of the largest logit where theory says 0.",
    null: ALIKE,
  },
  shift_js: {
    title: "JS of a shift",
    unit: "bits",
    better: "neither",
    meaning:
      "How far that moves the prediction at a token (Jensen-Shannon), in bits: 0 not at all, 1 to other tokens altogether.",
    null: ALIKE,
  },
  shift_delta_nll: {
    title: "ΔNLL of a shift",
    unit: "nats",
    better: "neither",
    meaning: "How much worse, in nats, the next token is predicted after the shift.",
    null: ALIKE,
  },
} as const satisfies Readonly<Record<string, Metric>>;

type ShiftRow = Row<keyof typeof METRICS>;

export const shift = defineProbe({
  name: "shift",
  question: "What changes when all positions are moved alike, and nothing else?",
  needs: ["windows"],
  metrics: METRICS,
  config: z.strictObject({
    contexts: z.int().min(1).max(1024).default(8),
    /** Most tokens of a context, at most half of L_max. */
    tokens: z.int().min(1).max(4096).default(32),
    /** Offsets reach to so many times L_max, where positions are defined there. */
    factor: z.number().positive().max(1024).default(4),
  }),
  large: { contexts: 4 },
  async run(subject, { contexts: B, tokens: most, factor }) {
    const { windows } = subject.material;
    const L = subject.model.shape.context;
    const T = Math.max(1, Math.min(most, Math.floor(L / 2)));
    const all = windows.window(0, B, T).tokens; // (B,T)
    const contexts = Array.from({ length: B }, (_, b) => [...all.subarray(b * T, (b + 1) * T)]);
    const reader = openActivations(subject, ["logits"]);
    const rows: ShiftRow[] = [];
    try {
      const base = await distributionsOf(reader, contexts, 0);
      for (const offset of offsetsOf(subject, T, factor * L)) {
        const moved = await distributionsOf(reader, contexts, offset);
        const at = { offset, split: windows.split, length: T };
        rows.push(...rowsOf(subject, contexts, base, moved, at));
      }
    } finally {
      reader.close();
    }
    return rows;
  },
});

/** 1, 2, 4, … at which all positions of a context are defined. */
function offsetsOf(subject: Subject, T: number, most: number): number[] {
  const last = placesOf(subject, T).reduce((a, b) => Math.max(a, b));
  const limit = subject.model.encoding.maxPositions ?? POSITIONS;
  const offsets: number[] = [];
  for (let offset = 1; offset <= most && last + offset < limit; offset *= 2) offsets.push(offset);
  return offsets;
}

/** Of one context, (T,V). */
interface Distributions {
  readonly logits: Float32Array;
  readonly logProbs: Float32Array;
  readonly V: number;
}

async function distributionsOf(
  reader: ActivationReader,
  contexts: readonly (readonly number[])[],
  offset: number,
): Promise<Distributions[]> {
  const found: Distributions[] = [];
  for await (const { index, activations } of reader.trace(contexts, offset)) {
    const { values, shape } = activations.logits as Activation;
    const V = shape[1] as number;
    found[index] = { logits: values, logProbs: logProbsOf(values, V), V };
  }
  return found;
}

/** log softmax of each row, summed in double precision. */
function logProbsOf(logits: Float32Array, V: number): Float32Array {
  const all = new Float32Array(logits.length);
  for (let start = 0; start < logits.length; start += V) {
    let [most, total] = [Number.NEGATIVE_INFINITY, 0];
    for (let n = start; n < start + V; n++) most = Math.max(most, logits[n] as number);
    for (let n = start; n < start + V; n++) total += Math.exp((logits[n] as number) - most);
    const log = most + Math.log(total);
    for (let n = start; n < start + V; n++) all[n] = (logits[n] as number) - log;
  }
  return all;
}

function rowsOf(
  { model }: Subject,
  contexts: readonly (readonly number[])[],
  base: readonly Distributions[],
  moved: readonly Distributions[],
  at: MeasurementSite,
): ShiftRow[] {
  const changes = contexts.map((tokens, c) =>
    changeOf(tokens, base[c] as Distributions, moved[c] as Distributions),
  );
  const most = Math.max(...changes.map(({ logit }) => logit));
  const nll = changes.flatMap(({ deltaNll }) => deltaNll ?? []);
  return [
    { metric: "shift_max_logits", value: most, n: contexts.length, at },
    { metric: "shift_js", ...meanWithError(changes.map(({ js }) => js)), at },
    ...(model.shape.causal && nll.length > 0
      ? [{ metric: "shift_delta_nll" as const, ...meanWithError(nll), at }]
      : []),
  ];
}

/**
 * Of one context: the largest change of a logit, the mean divergence, and how much worse its own
 * tokens are predicted; undefined of one token.
 */
function changeOf(tokens: readonly number[], base: Distributions, moved: Distributions) {
  const { V } = base;
  let [logit, js, deltaNll] = [0, 0, 0];
  for (let n = 0; n < base.logits.length; n++)
    logit = Math.max(logit, Math.abs((base.logits[n] as number) - (moved.logits[n] as number)));
  for (const t of tokens.keys()) {
    const p = base.logProbs.subarray(t * V, (t + 1) * V);
    const q = moved.logProbs.subarray(t * V, (t + 1) * V);
    js += jensenShannonBits(p, q);
    const next = tokens[t + 1];
    if (next !== undefined) deltaNll += (p[next] as number) - (q[next] as number);
  }
  const T = tokens.length;
  return { logit, js: js / T, deltaNll: T > 1 ? deltaNll / (T - 1) : undefined };
}
