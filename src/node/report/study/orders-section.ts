/** The headline of a study: whether losses past L_max and answers past L_max put encodings into one order. */
import { seedInterval } from "../../../compare/intervals.ts";
import { LEAST_SEEDS } from "../../../compare/paired.ts";
import { namedDots } from "../../../figures/charts/named-dots.ts";
import { both, type ReportSection } from "../../../figures/figure.ts";
import { fixed, listed } from "../../../figures/format.ts";
import { mean } from "../../../tensor/numbers.ts";
import type { OrdersAgree } from "./results.ts";
import { ordersTable } from "./tables.ts";

/** Whether losses past L_max and answers past L_max put encodings into one order. */
export function ordersSection(orders: readonly OrdersAgree[], document: Document): ReportSection {
  const section = { id: "orders", heading: "Does the best language model answer best?" };
  const [first] = orders;
  if (first === undefined)
    return {
      ...section,
      lead: "No task was run over the seeds and encodings of a language yet: there are no two orders to compare.",
    };
  const { language, tasks, losses, answers } = first;
  const kinds = [...losses.keys()].filter((condition) => answers.has(condition));
  const dots = kinds.map((condition) => {
    const [x, y] = [
      [...(losses.get(condition)?.values() ?? [])].map((one) => -one),
      [...(answers.get(condition)?.values() ?? [])],
    ];
    return {
      ...{ label: condition, kind: condition, x: mean(x), y: mean(y) },
      ...{ along: seedInterval(x, LEAST_SEEDS), up: seedInterval(y, LEAST_SEEDS) },
    };
  });
  const label = ordersSentence(first);
  const options = {
    label,
    xLabel: `loss on ${language.title}, 2 to 4 L_max, nats →`,
    yLabel: "↑ exact match past L_max",
  };
  return {
    ...section,
    lead: label,
    figures: [both((width) => namedDots(dots, { ...options, width }), document)],
    table: ordersTable(orders),
    caption: `A dot an encoding: left is the better language model, high the better answers${tasks.length > 1 ? `, on the mean over ${listed(tasks.map(({ title }) => title))}` : ` in ${tasks[0]?.title}`}. Lines: 95% intervals over seeds. Of several policies past L_max the one that does best.`,
  };
}

/** What τ says, whichever way it falls. */
export function ordersSentence({ language, tasks, agreement }: OrdersAgree): string {
  const { mean: tau, interval, conditions, seeds } = agreement;
  const of = `Order of ${conditions.length} encodings by loss on ${language.title} past L_max, and by exact match past L_max ${tasks.length > 1 ? `over ${tasks.length} tasks` : `in ${tasks[0]?.title}`}: Kendall's τ is ${fixed(tau)}`;
  const share = `${Math.round(50 * (1 + tau))} of 100 pairs stand in one order`;
  if (interval === undefined)
    return `${of} over ${seeds.length} seeds, ${share}: too few seeds for an interval.`;
  const range = `[${fixed(Math.max(-1, interval.low))}, ${fixed(Math.min(1, interval.high))}] over ${seeds.length} seeds`;
  const verdict =
    interval.low > 0
      ? "the two orders agree more than chance would"
      : interval.high < 0
        ? "the two orders disagree more than chance would"
        : "no agreement and no disagreement is shown";
  return `${of} ${range}, ${share}: ${verdict}.`;
}
