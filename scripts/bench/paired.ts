/**
 * Steps of ours, of `none` and of a peer in turn, A B A B: ratios hold where the machine's speed
 * drifts.
 */

import type { Case } from "./cases.ts";
import { type Contestant, ours, pytorch, takeTurns } from "./contestant.ts";
import { type BenchRow, besideNone, caseText, fastest, median, ratioOf, round, rowOf } from "./rows.ts";

const STEPS = 20;
const BASE = "none";

export interface PairedOptions {
  /** A Python with torch; without it ours is timed alone. */
  readonly python?: string | undefined;
  readonly rounds: number;
  readonly say: (text: string) => void;
}

export async function pairedRows(cases: readonly Case[], options: PairedOptions): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  const bases = new Bases(cases);
  try {
    for (const one of cases) {
      const measured = await measure(one, await bases.of(one), options);
      rows.push(...measured);
      options.say(`bench: ${caseText(one)}: ${toldOf(measured[0] as BenchRow)}`);
    }
    return rows;
  } finally {
    bases.end();
  }
}

const toldOf = ({ msPerStep, ratio, ratioToNone, cpuRatioToNone }: BenchRow): string =>
  [
    `${msPerStep} ms a step`,
    ...(ratioToNone === undefined ? [] : [`${ratioToNone} of none's, ${cpuRatioToNone} of processors`]),
    ...(ratio === undefined ? [] : [`${ratio} of PyTorch's`]),
  ].join(", ");

/** Processes that time `none`, one at a time: the one that the last case was beside. */
class Bases {
  readonly #cases: readonly Case[];
  #open: { readonly key: string; readonly contestant: Contestant } | undefined;

  constructor(cases: readonly Case[]) {
    this.#cases = cases;
  }

  /** Of a case's size, threads and precision; none where `none` was not asked for, or is the case. */
  async of(one: Case): Promise<Contestant | undefined> {
    const key = keyOf(one);
    const asked = this.#cases.some((other) => other.encoding === BASE && keyOf(other) === key);
    if (one.encoding === BASE || !asked) return undefined;
    if (this.#open?.key !== key) {
      this.end();
      this.#open = { key, contestant: await ours({ ...one, encoding: BASE }) };
    }
    return this.#open.contestant;
  }

  end(): void {
    this.#open?.contestant.end();
    this.#open = undefined;
  }
}

const keyOf = (one: Case): string => JSON.stringify({ ...one, encoding: "" });

/** Our row first, then the peer's: of PyTorch's two ways, the one with the lower median. */
async function measure(
  one: Case,
  base: Contestant | undefined,
  { python, rounds }: PairedOptions,
): Promise<BenchRow[]> {
  const contestants: Contestant[] = [await ours(one)];
  try {
    for await (const peer of pytorch(python, one, "step")) contestants.push(peer);
    const all = base === undefined ? contestants : [...contestants, base];
    const turns = await takeTurns(all, rounds, STEPS);
    const rows = contestants.map(({ name }, i) =>
      rowOf(one, name, turns.ms[i]?.flat() ?? [], { peakRssMB: turns.peakRssMB[i] as number }),
    );
    const [own, ...peers] = rows as [BenchRow, ...BenchRow[]];
    const firstCallMs = contestants[0]?.ready.firstCallMs as number;
    const cpuMsPerStep = round(median(turns.cpuMs[0] ?? []), 3);
    const toNone = base === undefined ? {} : besideNone(turns, 0, contestants.length);
    const alone = one.encoding === BASE ? { ratioToNone: 1, cpuRatioToNone: 1 } : {};
    const mine = { ...own, firstCallMs, cpuMsPerStep, ...alone, ...toNone };
    const best = fastest(peers);
    return best === undefined ? [mine] : [{ ...mine, ratio: ratioOf(turns, 0, rows.indexOf(best)) }, best];
  } finally {
    for (const contestant of contestants) contestant.end();
  }
}
