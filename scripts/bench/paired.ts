/**
 * Steps of ours, of `none` and of a peer in turn, A B A B: ratios hold where the machine's speed
 * drifts.
 */

import { type PairedOptions, timedBesidePeer } from "./beside-peer.ts";
import type { Case } from "./cases.ts";
import { type Contestant, ours } from "./contestant.ts";
import { type BenchRow, besideNone, caseText, median, round } from "./rows.ts";

const STEPS = 20;
const BASE = "none";

export async function pairedRows(cases: readonly Case[], options: PairedOptions): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  const bases = new Bases(cases);
  try {
    for (const one of cases) {
      const measured = await measure(one, await bases.of(one), options);
      rows.push(...measured);
      options.say(`bench: ${caseText(one)}: ${toldOf(measured[0])}`);
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

async function measure(
  one: Case,
  base: Contestant | undefined,
  options: PairedOptions,
): Promise<readonly [BenchRow, ...BenchRow[]]> {
  const { rows, turns, basePlace } = await timedBesidePeer([one], { calls: STEPS, base }, options);
  const [own, ...peers] = rows;
  const cpuMsPerStep = round(median(turns.cpuMs[0] ?? []), 3);
  const toNone = base === undefined ? {} : besideNone(turns, 0, basePlace);
  const alone = one.encoding === BASE ? { ratioToNone: 1, cpuRatioToNone: 1 } : {};
  return [{ ...own, cpuMsPerStep, ...alone, ...toNone }, ...peers];
}
