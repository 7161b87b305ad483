import { MOST_EXACT, oneOf, type Task } from "./task.ts";

const bits = ["0", "1"];
/**
 * Of the instructions between the first and the last, as in the paper's training data; the rest are
 * writes and reads, half each.
 */
const IGNORED = 0.8;

/**
 * w 1 i 0 i 1 r 1 i 0 r : 1, the flip-flop language of Liu et al. 2023 ("Exposing attention
 * glitches", definition 1): write, ignore or read a bit; a read has the bit last written. Scored at
 * the last read alone.
 */
export const flipFlop: Task = {
  name: "flip-flop",
  title: "which bit was written last?",
  order: "which write is the last, however many instructions ago",
  symbols: ["w", "i", "r", ...bits],
  shortest: 2,
  heldOutFrom: 8,
  inputLength: (n) => 2 * n - 1,
  answerLength: () => 1,
  chance: () => 1 / 2,
  orderBlind: (n) => (n > MOST_EXACT ? undefined : orderBlind(n - 2)),
  draw(n, rng) {
    let bit = oneOf(bits, rng);
    let at = 0;
    const input = ["w", bit];
    for (let i = 1; i < n - 1; i++) {
      const ignore = rng.uniform() < IGNORED;
      const write = rng.integer(2) === 0;
      if (ignore) input.push("i", oneOf(bits, rng));
      else if (write) {
        bit = oneOf(bits, rng);
        at = i;
        input.push("w", bit);
      } else input.push("r", bit);
    }
    return { input: [...input, "r"], answer: [bit], depth: at / (n - 1) };
  },
  kind: ({ answer }) => String(answer[0]),
};

/** Less than the rounding of the whole sum. */
const NEGLIGIBLE = 1e-17;

/**
 * A bag has the number of writes w, of reads r and of ones. A read shows the bit that was written
 * last, so ones are likelier where the last bit is 1: the score is ½ + ½ Σ |P(bag, 1) − P(bag, 0)|,
 * over the order of writes and reads among `middle` instructions.
 */
function orderBlind(middle: number): number {
  let advantage = 0;
  let happens = IGNORED ** middle; // that `events` of the middle instructions are no ignores
  // A list by the number of writes: P(ones, last bit) once the events so far are drawn; the first
  // instruction is a write.
  let states: Ones[] = [[Float64Array.of(0.5, 0), Float64Array.of(0, 0.5)]];
  for (let events = 0; events <= middle; events++) {
    if (happens > NEGLIGIBLE || events < (1 - IGNORED) * middle) {
      const ignored = coins(middle - events);
      for (const [zero, one] of states) advantage += happens * distance(zero, one, ignored);
    }
    happens *= ((middle - events) / (events + 1)) * ((1 - IGNORED) / IGNORED);
    states = next(states);
  }
  return (1 + advantage) / 2;
}

/** P(number of ones, last bit): for last bit 0 and for 1. */
type Ones = readonly [Float64Array, Float64Array];

/** One event more: a read or, one place further in the list, a write. */
function next(states: readonly Ones[]): Ones[] {
  const size = (states[0] as Ones)[0].length + 1;
  const after = Array.from(
    { length: states.length + 1 },
    (): Ones => [new Float64Array(size), new Float64Array(size)],
  );
  states.forEach((state, writes) => {
    const [read, written] = [after[writes] as Ones, after[writes + 1] as Ones];
    for (const last of [0, 1] as const)
      (state[last] as Float64Array).forEach((p, ones) => {
        add(read[last], ones + last, p / 2);
        for (const bit of [0, 1] as const) add(written[bit], ones + bit, p / 4);
      });
  });
  return after;
}

function add(to: Float64Array, at: number, value: number): void {
  to[at] = (to[at] as number) + value;
}

/** P(ones) of n fair bits. */
function coins(n: number): Float64Array {
  const p = new Float64Array(n + 1);
  p[0] = 0.5 ** n;
  for (let ones = 1; ones <= n; ones++) p[ones] = ((p[ones - 1] as number) * (n - ones + 1)) / ones;
  return p;
}

/** Σ |one − zero|, once the ones of ignored instructions have joined those of both. */
function distance(zero: Float64Array, one: Float64Array, ignored: Float64Array): number {
  const difference = new Float64Array(zero.length + ignored.length - 1);
  zero.forEach((p, ones) => {
    const d = (one[ones] as number) - p;
    ignored.forEach((q, more) => {
      add(difference, ones + more, d * q);
    });
  });
  return difference.reduce((sum, d) => sum + Math.abs(d), 0);
}
