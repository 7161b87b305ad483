/**
 * Orders of encodings by losses of a language past L_max, and by answers past L_max: which sweeps
 * and encodings can be compared, and what keeps the others out.
 */
import { LEAST_SEEDS } from "../../../compare/paired.ts";
import { type Agreement, agreementOf, meanOf, type Ranked, rankedBy } from "../../../compare/two-orders.ts";
import { metrics } from "../../../probes/index.ts";
import type { StudySweep } from "../../jobs/study/study-file.ts";
import { ORDERS, type SweepSoFar } from "./results.ts";

/** How the order of a language sweep and of the tasks agree. */
export interface OrdersAgree {
  readonly language: StudySweep;
  /** One, or several. */
  readonly tasks: readonly StudySweep[];
  readonly agreement: Agreement;
  readonly losses: Ranked;
  readonly answers: Ranked;
}

/** A sweep, and the order of its encodings. */
export interface OrderOf {
  readonly sweep: StudySweep;
  readonly order: Ranked;
}

/** Fewer encodings have no order to speak of. */
const LEAST_CONDITIONS = 3;

/** Sweeps of a kind that have measured what they are put in order by, as far as they are done. */
export const ordersOf = (sweeps: readonly SweepSoFar[], kind: StudySweep["kind"]): OrderOf[] =>
  sweeps
    .filter(({ sweep, runs }) => sweep.kind === kind && runs.length > 0)
    .map(({ sweep, runs }) => ({ sweep, order: whole(rankedBy(runs, metrics, ORDERS[kind])) }))
    .filter(({ order }) => order.size > 0);

/**
 * Without encodings whose seeds have only begun, where enough others have theirs: one of a single
 * seed would leave that seed alone for all.
 */
function whole(order: Ranked): Ranked {
  const enough = new Map([...order].filter(([, values]) => values.size >= LEAST_SEEDS));
  return enough.size >= LEAST_CONDITIONS ? enough : order;
}

/** Of each language sweep: with the mean of the tasks first, then with each. */
export function ordersAgree(sweeps: readonly SweepSoFar[]): OrdersAgree[] {
  const tasks = ordersOf(sweeps, "task");
  return ordersOf(sweeps, "language").flatMap(({ sweep: language, order: losses }) => {
    const together = fullest(tasks, losses);
    const asked = [...(together.length > 1 ? [together] : []), ...tasks.map((task) => [task])];
    return asked.flatMap((some) => {
      const answers = meanOf(some.map(({ order }) => order));
      const agreement = agreementOf(losses, answers);
      return agreement === undefined
        ? []
        : [{ language, tasks: some.map(({ sweep }) => sweep), agreement, losses, answers }];
    });
  });
}

/**
 * Tasks that have as many of the language's encodings as the task that has most: one that has only
 * begun would leave few for all.
 */
function fullest(tasks: readonly OrderOf[], losses: Ranked): readonly OrderOf[] {
  const shared = ({ order }: OrderOf) => [...order.keys()].filter((name) => losses.has(name)).length;
  const most = Math.max(0, ...tasks.map(shared));
  return tasks.filter((task) => shared(task) === most);
}

/** What is not in the orders, by the sweep that lacks it. */
export interface LeftOut {
  /** Sweeps without a finished run that measured it. */
  readonly sweeps: readonly StudySweep[];
  /** Tasks that are begun, with too few encodings for the mean. */
  readonly begun: readonly StudySweep[];
  /** Encodings of the language that the tasks were not run with. */
  readonly conditions: readonly string[];
}

/** @param first of the orders; undefined where there are none */
export function leftOut(sweeps: readonly SweepSoFar[], first: OrdersAgree | undefined): LeftOut {
  const none = sweeps.filter(({ finished }) => finished.length === 0).map(({ sweep }) => sweep);
  if (first === undefined) return { sweeps: none, begun: [], conditions: [] };
  const used = new Set(first.tasks);
  return {
    sweeps: none,
    begun: sweeps
      .filter(({ sweep, finished }) => sweep.kind === "task" && finished.length > 0 && !used.has(sweep))
      .map(({ sweep }) => sweep),
    conditions: [...first.losses.keys()].filter((name) => !first.agreement.conditions.includes(name)),
  };
}
