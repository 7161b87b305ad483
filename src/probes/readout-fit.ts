/** Fits the readouts of all layers in one reading, and tests them in another. */
import { meanWithError, ratioWithError } from "../tensor/numbers.ts";
import type { Activation, ActivationReader, Traced } from "./activations.ts";
import { addRows, type Linear, type Moments, noMoments, predict, ridge } from "./ridge.ts";

export interface Sequence {
  readonly tokens: readonly number[];
  /** Whether token t is read. */
  counts(t: number): boolean;
}

/** Of one layer: target 0 is the position, target 1 the control's label. */
export type Fitted = Linear;

export async function fitReadouts(
  reader: ActivationReader,
  sequences: readonly Sequence[],
  labels: readonly number[],
  alpha: number,
): Promise<Fitted[]> {
  const moments: Moments[] = [];
  await overStates(reader, sequences, (layer, { shape, values }, { tokens, counted }) => {
    moments[layer] ??= noMoments(shape[1] as number, 2);
    const targets = counted.map((t) => [t, labels[tokens[t] as number] as number]);
    addRows(moments[layer] as Moments, values, counted, targets);
  });
  return moments.map((one) => ridge(one, alpha));
}

interface Value {
  readonly value: number | null;
  readonly n: number;
  readonly se: number | null;
}

/** By layer; n counts sequences. */
export async function scored(
  reader: ActivationReader,
  sequences: readonly Sequence[],
  labels: readonly number[],
  layers: readonly Fitted[],
): Promise<{ readonly mad: Value; readonly r2: Value; readonly controlR2: Value }[]> {
  const tallies = layers.map(() => sequences.map((): Both => ({ position: noTally(), control: noTally() })));
  await overStates(reader, sequences, (layer, { values }, { index, tokens, counted }) => {
    const { position, control } = (tallies[layer] as Both[])[index] as Both;
    const readout = layers[layer] as Fitted;
    for (const t of counted) {
      addTo(position, t, predict(readout, values, t, 0));
      addTo(control, labels[tokens[t] as number] as number, predict(readout, values, t, 1));
    }
  });
  return tallies.map((all) => {
    const some = all.filter(({ position }) => position.count > 0);
    const positions = some.map(({ position }) => position);
    return {
      mad: meanWithError(positions.map(({ absolute, count }) => absolute / count)),
      r2: explained(positions),
      controlR2: explained(some.map(({ control }) => control)),
    };
  });
}

/** Sums over the tokens of one sequence. */
interface Tally {
  count: number;
  absolute: number;
  squared: number;
  sum: number;
  squares: number;
}

interface Both {
  readonly position: Tally;
  readonly control: Tally;
}

const noTally = (): Tally => ({ count: 0, absolute: 0, squared: 0, sum: 0, squares: 0 });

function addTo(tally: Tally, target: number, predicted: number): void {
  const error = target - predicted;
  tally.count++;
  tally.absolute += Math.abs(error);
  tally.squared += error * error;
  tally.sum += target;
  tally.squares += target * target;
}

/** R² = 1 − Σ(y − ŷ)² / Σ(y − ȳ)² over all sequences; null where y does not vary. */
function explained(tallies: readonly Tally[]): Value {
  const count = tallies.reduce((total, one) => total + one.count, 0);
  const mean = tallies.reduce((total, one) => total + one.sum, 0) / count;
  const { value, n, se } = ratioWithError(
    tallies.map(({ squared }) => squared),
    tallies.map((one) => one.squares - 2 * mean * one.sum + one.count * mean * mean),
  );
  return Number.isNaN(value) ? { value: null, n, se: null } : { value: 1 - value, n, se };
}

interface Read {
  readonly index: number;
  readonly tokens: readonly number[];
  /** Which tokens count. */
  readonly counted: readonly number[];
}

/** The states of every sequence, layer by layer. */
async function overStates(
  reader: ActivationReader,
  sequences: readonly Sequence[],
  see: (layer: number, states: Activation, read: Read) => void,
): Promise<void> {
  for await (const traced of reader.trace(sequences.map(({ tokens }) => tokens))) {
    const { index, tokens } = traced;
    const { counts } = sequences[index] as Sequence;
    const counted = tokens.map((_, t) => t).filter((t) => counts(t));
    for (const [layer, states] of statesOf(traced).entries()) see(layer, states, { index, tokens, counted });
  }
}

/** The residual stream, (T,C): after the embedding, then after each block. */
export const stateNames = (layers: number): string[] => [
  "blocks.0.resid_pre",
  ...Array.from({ length: layers }, (_, layer) => `blocks.${layer}.resid_post`),
];

const statesOf = ({ activations }: Traced): Activation[] =>
  stateNames(Object.keys(activations).length - 1).map((name) => activations[name] as Activation);
