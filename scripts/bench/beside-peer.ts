/** Ways of ours to do one thing, and a peer's, timed in turn. */
import type { Turns, WorkerCase } from "./cases.ts";
import { type Contestant, ours, pytorch, takeTurns } from "./contestant.ts";
import { type BenchRow, fastest, ratioOf, rowOf } from "./rows.ts";

export interface PairedOptions {
  /** A Python with torch; without it ours is timed alone. */
  readonly python?: string | undefined;
  readonly rounds: number;
  readonly say: (text: string) => void;
}

interface Timing {
  /** Calls of a turn. */
  readonly calls: number;
  /** Timed in the same turns, after all others; it has no row and is not ended. */
  readonly base?: Contestant | undefined;
}

interface Timed {
  /**
   * Of ours in their order, the first with its ratio to the peer's; then the peer's: of PyTorch's
   * ways, the one with the lower median.
   */
  readonly rows: readonly [BenchRow, ...BenchRow[]];
  readonly turns: Turns;
  /** The place of `base` in the turns. */
  readonly basePlace: number;
}

/** @param ways of ours, of one phase and size; the peer does what the first does */
export async function timedBesidePeer(
  ways: readonly [WorkerCase, ...WorkerCase[]],
  { calls, base }: Timing,
  { python, rounds }: PairedOptions,
): Promise<Timed> {
  const [one] = ways;
  const { phase = "step" } = one;
  const contestants: Contestant[] = [];
  try {
    for (const way of ways) contestants.push(await ours(way));
    for await (const peer of pytorch(python, one, phase)) contestants.push(peer);
    const turns = await takeTurns(base ? [...contestants, base] : contestants, rounds, calls);
    const rows = contestants.map(({ name, ready }, i) => {
      const firstCallMs = ready.firstCallMs as number | undefined;
      const first = firstCallMs === undefined ? {} : { firstCallMs };
      const peakRssMB = turns.peakRssMB[i] as number;
      return rowOf(one, name, turns.ms[i]?.flat() ?? [], { phase, peakRssMB, ...first });
    });
    const best = fastest(rows.slice(ways.length));
    const [mine, ...others] = rows.slice(0, ways.length) as [BenchRow, ...BenchRow[]];
    const told: Timed["rows"] =
      best === undefined
        ? [mine, ...others]
        : [{ ...mine, ratio: ratioOf(turns, 0, rows.indexOf(best)) }, ...others, best];
    return { rows: told, turns, basePlace: contestants.length };
  } finally {
    for (const contestant of contestants) contestant.end();
  }
}
