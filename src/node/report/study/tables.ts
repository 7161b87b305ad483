/** The tables of a study. */
import type { Scored } from "../../../compare/registered.ts";
import { rankedBy } from "../../../compare/two-orders.ts";
import { count, fixed } from "../../../figures/format.ts";
import { HEADLINES, headlineRows, meanText } from "../../../figures/headline.ts";
import { learnedHeading, learnedText } from "../../../figures/learned.ts";
import type { ReportTable } from "../../../figures/table.ts";
import { metrics } from "../../../probes/index.ts";
import type { OrdersAgree } from "./orders.ts";
import { figureResult, ORDERS, type ScoredStatement, type SweepSlope, type SweepSoFar } from "./results.ts";

/** A row an encoding: its numbers, with their 95 % intervals over seeds. */
export function headlineTable({ finished, sweep, runs }: SweepSoFar): ReportTable {
  const results = finished.map(figureResult);
  const rows = headlineRows(results);
  const learned = learnedHeading(results);
  const answers = sweep.kind === "task" ? rankedBy(runs, metrics, ORDERS.task) : new Map<string, never>();
  const shown = HEADLINES.filter(({ key }) => rows.some(({ values }) => values[key]?.length));
  const seeds = [...new Set(rows.map(({ preset }) => seedsOf(finished, preset)))];
  return {
    columns: [
      { key: "preset", heading: "encoding" },
      ...shown.map(({ key, heading }) => ({ key, heading, align: "right" as const })),
      ...(answers.size === 0
        ? []
        : [{ key: "answers", heading: "exact match past L_max", align: "right" as const }]),
      ...(learned === undefined ? [] : [{ key: "learned", heading: learned, align: "right" as const }]),
      { key: "n", heading: "n" },
    ],
    rows: rows.map(({ preset, policy, values }) => ({
      preset: policy === undefined || policy === "contiguous" ? preset : `${preset} (${policy})`,
      ...Object.fromEntries(shown.map((one) => [one.key, meanText(values[one.key], one)])),
      answers: meanText([...(answers.get(preset)?.values() ?? [])], EXACT),
      learned: learnedText(results.filter((result) => result.preset === preset)),
      n: seedsOf(finished, preset),
    })),
    caption: `${capital(sweep.title)}: means over ${seeds.length === 1 ? seeds[0] : `${Math.min(...seeds)} to ${Math.max(...seeds)}`} seeds (n) [95% intervals of the mean by Student's t]. Losses in nats a token on held-out examples, over ranges of positions in contexts of 16 L_max. In parentheses: what is done about positions past L_max, of several policies the one that does best.${learned === undefined ? "" : ` ${capital(learned)}: ${LEARNED}`}`,
  };
}

const EXACT = { key: "answers", heading: "exact match past L_max", digits: 3, bounds: { low: 0, high: 1 } };

const LEARNED =
  "the first step that was kept at which half of the seeds had that swap accuracy, or exact match at the largest trained size; in parentheses the first and the last seed, where they differ.";

const seedsOf = (finished: SweepSoFar["finished"], condition: string) =>
  finished.filter(({ run }) => run.condition === condition).length;

export const capital = (text: string) => text.slice(0, 1).toUpperCase() + text.slice(1);

/** A row a part: what was registered, the verdict, and the interval that it is of. */
export function scoredTable({ parts, statement, sweep }: ScoredStatement): ReportTable {
  return {
    columns: [
      { key: "part", heading: "registered" },
      { key: "verdict", heading: "verdict" },
      { key: "found", heading: "found [95%]", align: "right" },
      { key: "n", heading: "n" },
    ],
    rows: parts.map((one) => ({ part: one.part, verdict: one.verdict, found: foundText(one), n: one.n })),
    caption: `${capital(sweep.title)}, ${statement.metric}: paired differences, first less second, or means; margin ${statement.margin}`,
  };
}

export function foundText({ mean, interval }: Scored): string | undefined {
  if (mean === undefined || !Number.isFinite(mean)) return undefined;
  const range = interval ? ` [${fixed(interval.low, 3)}, ${fixed(interval.high, 3)}]` : "";
  return `${fixed(mean, 3)}${range}`;
}

/** A row a pair of data: how far the two orders agree. */
export function ordersTable(orders: readonly OrdersAgree[]): ReportTable {
  return {
    columns: [
      { key: "language", heading: "losses of" },
      { key: "tasks", heading: "answers of" },
      { key: "tau", heading: "Kendall's τ_b [95%]", align: "right" },
      { key: "conditions", heading: "encodings" },
      { key: "n", heading: "seeds" },
    ],
    rows: orders.map(({ language, tasks, agreement: { mean, interval, conditions, seeds } }) => ({
      language: language.name,
      tasks: tasks.length > 1 ? `the mean of ${tasks.length} tasks` : tasks[0]?.name,
      tau: interval
        ? `${fixed(mean)} [${fixed(Math.max(-1, interval.low))}, ${fixed(Math.min(1, interval.high))}]`
        : fixed(mean),
      conditions: conditions.length,
      n: seeds.length,
    })),
    caption:
      "The order of encodings by loss over 2 to 4 L_max, and by exact match past L_max: τ_b is 1 where they are one order, −1 where one is the reverse of the other.",
  };
}

/** Conditions whose training had not ended, by the last fifth of their steps. */
export function slopeTable(slopes: readonly SweepSlope[]): ReportTable {
  return {
    columns: [
      { key: "sweep", heading: "data" },
      { key: "condition", heading: "encoding" },
      { key: "last", heading: "validation loss", align: "right" },
      { key: "change", heading: "change over the last fifth", align: "right" },
      { key: "sd", heading: "sd over seeds", align: "right" },
      { key: "n", heading: "n" },
    ],
    rows: slopes.map(({ sweep, condition, last, change, sd, n }) => ({
      ...{ sweep: sweep.name, condition, n },
      ...{ last: fixed(last, 3), change: fixed(change, 4), sd: fixed(sd, 4) },
    })),
    caption: "Where the validation loss still changed by more than seeds differ, nats.",
  };
}

/** A row a sweep: what was done of what was planned. */
export function evidenceTable(sweeps: readonly SweepSoFar[]): ReportTable {
  return {
    columns: [
      { key: "sweep", heading: "sweep" },
      { key: "data", heading: "data" },
      { key: "done", heading: "runs", format: count },
      { key: "planned", heading: "planned", format: count },
      { key: "seeds", heading: "seeds of each encoding", align: "right" },
      { key: "steps", heading: "steps", format: count },
      { key: "batch", heading: "batch" },
      { key: "hours", heading: "hours of a core", align: "right" },
    ],
    rows: sweeps.map(({ sweep, finished, planned }) => {
      const conditions = [...new Set(finished.map(({ run }) => run.condition))];
      const seeds = conditions.map((name) => seedsOf(finished, name));
      const [least, most] = [Math.min(...seeds), Math.max(...seeds)];
      const [first] = finished;
      const seconds = finished.reduce((sum, { published }) => sum + published.seconds, 0);
      return {
        ...{ sweep: sweep.name, data: sweep.title, done: finished.length, planned },
        seeds: seeds.length === 0 ? "0" : least === most ? `${least}` : `${least} to ${most}`,
        ...{ steps: first?.run.preset.train.steps, batch: first?.run.preset.train.batch },
        hours: fixed(seconds / 3600),
      };
    }),
    caption: "What was run, of what the study plans; training alone, beside other work of the machine.",
  };
}
