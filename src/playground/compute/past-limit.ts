/** The loss by position of contexts longer than the trained ones, under each way to read them. */
import { perfectLoss } from "../../data/corpora/who-floor.ts";
import type { Model } from "../../model/model.ts";
import type { Scheme } from "../../model/positions.ts";
import { scalingsOf, variantsPast } from "../../probes/beyond.ts";
import type { Placing } from "../../probes/placing.ts";
import { openTokenLosses } from "../../probes/token-losses.ts";
import { mean } from "../../tensor/numbers.ts";
import { FACTOR } from "../factor.ts";
import type { OpenModel } from "./open-model.ts";

/** Contexts that a curve averages. */
const CONTEXTS = 16;

/** What can be done past L_max with the same parameters. */
export interface Way {
  readonly id: string;
  readonly label: string;
  /** What it changes of the model; of the model as it is, nothing. */
  readonly changes: "nothing" | "policy" | "scaling" | "scheme";
  /** Whether positions depend on how long the context is, so that every length is read anew. */
  readonly squeezed: boolean;
}

interface Variant extends Way {
  readonly model: Model;
  readonly placing: Placing;
}

const contiguous: Placing = { scheme: { kind: "contiguous" }, seed: 0 };

/** Every way of a model, the model as it is first where it goes past L_max. */
function variantsOf(model: Model): Variant[] {
  const L = model.shape.context;
  const longest = FACTOR * L;
  const plain = variantsPast(model, longest).map(({ beyond, model: changed }): Variant => {
    const same = changed === model;
    return {
      ...{ id: same ? "as-it-is" : beyond, label: same ? "as it is" : beyond },
      ...{ changes: same ? "nothing" : "policy", model: changed, placing: contiguous },
      squeezed: changed.encoding.dependsOnLength === true,
    };
  });
  const scaled = scalingsOf(model)
    .filter((one) => one.model !== model)
    .map(({ scaling, model: changed }): Variant => {
      const squeezed = changed.encoding.dependsOnLength === true;
      return {
        id: scaling,
        label: scaling,
        changes: "scaling",
        squeezed,
        model: changed,
        placing: contiguous,
      };
    });
  return [...plain, ...scaled, ...schemesOf(model, longest)];
}

/** The schemes that stay where the encoding is defined. */
function schemesOf(model: Model, longest: number): Variant[] {
  const L = model.shape.context;
  const schemes: readonly Scheme[] = [
    { kind: "interpolated", trained: L },
    { kind: "clamped", limit: L },
    { kind: "wrapped", limit: L },
    ...(model.encoding.maxPositions === undefined
      ? [{ kind: "randomized", range: 2 * longest } as const]
      : []),
  ];
  return schemes.map((scheme) => ({
    ...{ id: scheme.kind, label: scheme.kind, changes: "scheme", model, placing: { scheme, seed: 0 } },
    squeezed: scheme.kind === "interpolated" || scheme.kind === "randomized",
  }));
}

export interface WaysAnswer {
  /** L_max */
  readonly context: number;
  readonly ways: readonly Way[];
  /** The loss of a perfect model by position, nats; undefined where it is not known. */
  readonly floor?: readonly number[] | undefined;
}

/** The ways that a model can be read in past L_max. */
export function askWays({ model, data }: OpenModel): WaysAnswer {
  const ways = variantsOf(model).map(({ model: _, placing: __, ...way }) => way);
  const { context } = model.shape;
  const floor = data?.kind === "who" ? perfectLoss(data.world.config, FACTOR * context) : undefined;
  return { context, ways, floor };
}

export interface LossesAsked {
  readonly way: string;
  /** Tokens of a context. */
  readonly length: number;
}

export interface LossesAnswer {
  /** Mean −log p of each token in turn over contexts, nats. */
  readonly losses: readonly number[];
  readonly contexts: number;
}

/** The same contexts under every way and for every model of the same data. */
export async function askLosses(open: OpenModel, { way, length }: LossesAsked): Promise<LossesAnswer> {
  const variants = variantsOf(open.model);
  const variant = variants.find(({ id }) => id === way) ?? (variants[0] as Variant);
  const windows = open.data?.windows;
  if (windows === undefined) throw new Error("past L_max: this model came without a text to read");
  const read = windows.window(0, CONTEXTS, length);
  const rows = Array.from({ length: CONTEXTS }, (_, b) => ({
    tokens: read.tokens.subarray(b * length, (b + 1) * length),
    targets: read.targets.subarray(b * length, (b + 1) * length),
  }));
  const reader = openTokenLosses({ ...open, model: variant.model });
  try {
    const all = await reader.read(rows, variant.placing);
    const losses = Array.from({ length }, (_, t) => mean(all.map((row) => row[t] as number)));
    return { losses, contexts: all.length };
  } finally {
    reader.close();
  }
}
