/** The headline of a study: whether losses past L_max and answers past L_max put encodings into one order. */
import { seedInterval } from "../../../compare/intervals.ts";
import { MOST_ORDERED } from "../../../compare/kendall.ts";
import { LEAST_SEEDS } from "../../../compare/paired.ts";
import { placedIn } from "../../../compare/places.ts";
import { namedDots } from "../../../figures/charts/named-dots.ts";
import { both, type ReportSection } from "../../../figures/figure.ts";
import { fixed, listed } from "../../../figures/format.ts";
import { name, plural } from "../../../figures/words.ts";
import { quantity } from "../../../quantity.ts";
import { mean } from "../../../tensor/numbers.ts";
import { type LeftOut, leftOut, type OrdersAgree, ordersAgree } from "./orders.ts";
import type { SweepSoFar } from "./results.ts";
import { ordersTable } from "./tables.ts";

const HEADING = "Do the order of language models and that of tasks disagree?";

/** The ranks, and the values that they are of; one that says what is missing where there are none. */
export function ordersSections(sweeps: readonly SweepSoFar[], document: Document): ReportSection[] {
  const orders = ordersAgree(sweeps);
  const [first] = orders;
  const section = { id: "orders", heading: HEADING, lead: ordersLead(sweeps) };
  if (first === undefined) return [section];
  const label = ordersSentence(first);
  const ranks: ReportSection = {
    ...section,
    figures: [both((width) => rankChart(first, label, width), document)],
    table: ordersTable(orders),
    caption: `A dot an encoding: its rank by mean loss on ${first.language.title} from 2 to 4 L_max, and by mean exact match past L_max ${tasksText(first)}, 1 the best; equal means share a rank. Lines: the ranks that it may have, after all that were shown to be better and before all that were shown to be worse (paired t tests over seeds, Holm's correction over all pairs). On the diagonal the two ranks are one. Of several policies past L_max the one that does best.`,
  };
  return [ranks, valuesSection(first, document)];
}

/** What the orders say, and what they lack. */
export function ordersLead(sweeps: readonly SweepSoFar[]): string {
  const [first] = ordersAgree(sweeps);
  const missing = missingText(leftOut(sweeps, first), first);
  if (first === undefined) return `There are no two orders to compare yet. ${missing}`;
  return [ordersSentence(first), missing].filter(Boolean).join(" ");
}

function rankChart({ losses, answers, agreement, language }: OrdersAgree, label: string, width: number) {
  const { conditions } = agreement;
  const [along, up] = [placedIn(losses, conditions), placedIn(answers, conditions)];
  const dots = conditions.map((condition) => {
    const [x, y] = [along.get(condition), up.get(condition)];
    const ends = (range: { best: number; last: number } | undefined) =>
      range && { low: range.best, high: range.last };
    return {
      ...{ label: condition, kind: condition, x: x?.place ?? Number.NaN, y: y?.place ?? Number.NaN },
      ...{ along: ends(x?.range), up: ends(y?.range) },
    };
  });
  return namedDots(dots, {
    ...{ label, width, ranks: conditions.length },
    xLabel: `rank by loss on ${language.title}, 2 to 4 L_max →`,
    yLabel: "↑ rank by exact match past L_max",
  });
}

function valuesSection(first: OrdersAgree, document: Document): ReportSection {
  const { language, losses, answers, agreement } = first;
  const dots = agreement.conditions.map((condition) => {
    const [x, y] = [
      [...(losses.get(condition)?.values() ?? [])].map((one) => -one),
      [...(answers.get(condition)?.values() ?? [])],
    ];
    return {
      ...{ label: condition, kind: condition, x: mean(x), y: mean(y) },
      ...{ along: seedInterval(x, LEAST_SEEDS), up: seedInterval(y, LEAST_SEEDS) },
    };
  });
  const options = {
    label: `Loss and exact match past L_max of ${dots.length} encodings.`,
    xLabel: `loss on ${language.title}, 2 to 4 L_max, nats →`,
    yLabel: "↑ exact match past L_max",
  };
  return {
    ...{ id: "orders-values", heading: "Losses and answers past L_max", lead: options.label },
    figures: [both((width) => namedDots(dots, { ...options, width }), document)],
    caption: `A dot an encoding: left is the better language model, high the better answers ${tasksText(first)}. Lines: 95% intervals of the mean over seeds.`,
  };
}

const tasksText = ({ tasks }: OrdersAgree) =>
  tasks.length > 1
    ? `on the mean over ${tasks.length} tasks (${listed(tasks.map(({ title }) => title))})`
    : `in ${tasks[0]?.title}`;

/** What τ says, whichever way it falls: over seeds of these encodings, and over encodings. */
export function ordersSentence(orders: OrdersAgree): string {
  const { language, agreement } = orders;
  const { mean: tau, interval, conditions, seeds, pairs } = agreement;
  const of = `Order of ${conditions.length} encodings by loss on ${language.title} past L_max, and by exact match past L_max ${tasksText(orders)}: Kendall's τ_b is ${fixed(tau)}`;
  const all = pairs.agree + pairs.oppose + pairs.tied;
  const tied = pairs.tied > 0 ? `, ${pairs.tied} are tied` : "";
  const share = `by their means ${pairs.agree} of ${all} pairs stand in one order, ${pairs.oppose} in the reverse${tied}`;
  const many = quantity(seeds.length, "seed");
  const chance = chanceText(agreement);
  if (interval === undefined) return `${of} over ${many}, too few for an interval; ${share}.${chance}`;
  const range = `[${fixed(Math.max(-1, interval.low))}, ${fixed(Math.min(1, interval.high))}] over ${many}`;
  return `${of} ${range}: ${verdictOf(interval)}; ${share}.${chance}`;
}

function verdictOf({ low, high }: { readonly low: number; readonly high: number }): string {
  if (low > 0) return "over these encodings the two orders agree more than they disagree";
  if (high < 0) return "over these encodings the two orders disagree more than they agree";
  return "neither that the orders agree nor that they disagree is shown";
}

/** Seeds say how sure the orders of these encodings are, and nothing of other encodings. */
function chanceText({ p, conditions }: OrdersAgree["agreement"]): string {
  if (p === undefined) return "";
  return ` Had the two orders nothing to do with each other, so large a τ_b, either way, would come in ${fixed(100 * p, p < 0.1 ? 1 : 0)}% of ${conditions.length > MOST_ORDERED ? "random" : "all"} orders of ${conditions.length}.`;
}

/** What the orders lack; nothing where they lack nothing. */
function missingText({ sweeps, begun, conditions }: LeftOut, first: OrdersAgree | undefined): string {
  const of = (kind: "language" | "task") => sweeps.filter((sweep) => sweep.kind === kind);
  const names = (some: readonly { readonly name: string }[]) => listed(some.map((one) => name(one.name)));
  const texts = [
    of("language").length > 0 &&
      `No finished run yet of the language ${plural(of("language"), "sweep", "sweeps")} ${names(of("language"))}.`,
    of("task").length > 0 &&
      `No finished run yet of the ${plural(of("task"), "task", "tasks")} ${names(of("task"))}.`,
    first === undefined &&
      sweeps.length === 0 &&
      "No three encodings were run on both a language and a task over the same seeds.",
    begun.length > 0 &&
      `Not in the mean, since fewer encodings were run on ${plural(begun, "it", "them")}: ${names(begun)}.`,
    conditions.length > 0 && `Not run on tasks yet: ${listed(conditions.map(name))}.`,
  ];
  return texts.filter((text) => text !== false).join(" ");
}
