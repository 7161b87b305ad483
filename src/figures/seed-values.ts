/** What the seeds of one condition gave, and what two conditions' seeds gave together, as a reader meets them. */
import type { Answer } from "../compare/answers.ts";
import type { Contrast } from "../compare/decide.ts";
import { binomialInterval } from "../compare/success.ts";
import type { Summary } from "../compare/summaries.ts";
import type { MeasurementSite, Metric } from "../probes/probe.ts";
import { count, fixed } from "./format.ts";

/** Where no value of a condition is missing, its mean says most; where some is, what half of the seeds reached. */
export const isCensored = ({ decision }: Answer): boolean =>
  decision.summaries.some(({ missing = [] }) => missing.length > 0);

/** "P(success) [95%]", "mean ± sd", … */
export function seedsHeading(answer: Answer): string {
  if (answer.metric?.success) return "P(success) [95%]";
  return isCensored(answer) ? "half of seeds; with a value [95%]" : "mean ± sd";
}

/** What stands under that heading. */
export function seedsText(summary: Summary, answer: Answer): string {
  const { mean, sd, values, missing = [] } = summary;
  if (answer.metric?.success) return `${fixed(mean ?? Number.NaN)} ${shareText(ones(values), values.length)}`;
  if (isCensored(answer)) {
    const asked = values.length + missing.length;
    return `${centerText(summary, answer)}; ${values.length} of ${asked} ${shareText(values.length, asked)}`;
  }
  return sd === undefined ? short(mean) : `${short(mean)} ± ${short(sd)}`;
}

/** A condition's place among the others: its mean, or what half of its seeds reached, or that they did not. */
export function centerText({ mean, middle }: Summary, answer: Answer): string {
  if (!isCensored(answer)) return short(mean);
  return middle === undefined ? missingText(answer) : short(middle);
}

/** What a seed without a value is said to be. */
export const missingText = ({ question: { at, unit }, metric }: Answer): string =>
  missingOf(metric, at, unit) ?? "no value";

/** "not within 2,000 steps"; undefined where a metric says nothing of rows without a value. */
export function missingOf(
  metric: Metric | undefined,
  { until }: MeasurementSite,
  unit: string,
): string | undefined {
  if (metric?.missing === undefined) return undefined;
  return typeof until === "number" ? `not within ${count(until)} ${unit}` : metric.missing.means;
}

/** "0.146 [0.05, 0.24]"; where seeds have no value in one, of how many the difference is. */
export function differenceText({ difference, order }: Contrast): string | undefined {
  const { mean, interval, n } = difference;
  if (Number.isNaN(mean)) return undefined;
  const range = interval ? ` [${short(interval.low)}, ${short(interval.high)}]` : "";
  return `${short(mean)}${range}${order === undefined ? "" : ` in the ${n} of ${order.n} seeds that have both`}`;
}

/** Whether the first of two lies higher than the second. */
export const isHigher = ({ difference, order }: Contrast): boolean =>
  order === undefined ? difference.mean > 0 : order.higher > order.lower;

/** "by 0.146", or in how many seeds. */
export function sizeText(contrast: Contrast): string {
  const { difference, order } = contrast;
  if (order === undefined) return `by ${short(Math.abs(difference.mean))}`;
  return `in ${Math.max(order.higher, order.lower)} of ${order.n} seeds`;
}

/** Three significant digits, with a real minus sign; whole numbers whole. */
export function short(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return fixed(value ?? Number.NaN);
  if (Math.abs(value) >= 100) return value < 0 ? `−${count(-value)}` : count(value);
  const digits = value === 0 ? 2 : Math.max(0, Math.min(6, 2 - Math.floor(Math.log10(Math.abs(value)))));
  return fixed(value, digits);
}

const ones = (values: Summary["values"]) => values.filter(({ value }) => value === 1).length;

function shareText(k: number, n: number): string {
  if (n === 0) return "";
  const { low, high } = binomialInterval(k, n);
  return `[${fixed(low)}, ${fixed(high)}]`;
}
