/**
 * What trainings of several seeds come to: mean and spread of the last losses, and the median ratio
 * of their times.
 */
import { type TableColumn, textTable } from "../../src/figures/table.ts";
import { median, round } from "./rows.ts";
import type { Trained } from "./training.ts";

/** All seeds of one engine with one number of threads. */
export interface TrainingSummary {
  readonly engine: string;
  readonly threads: number;
  readonly seeds: number;
  readonly meanNats: number;
  /** Largest less smallest. */
  readonly spreadNats: number;
  /** Native's mean less this one's. */
  readonly differenceNats: number;
  /** Of a training, median. */
  readonly seconds: number;
  /**
   * Native's seconds over this one's, and the same of whole processes: medians of the ratios seed
   * by seed.
   */
  readonly secondsRatio: number;
  readonly wallRatio: number;
}

const NATIVE = "native";

/** One summary for each engine and number of threads, in the order of the rows. */
export function summaryOf(rows: readonly Trained[]): TrainingSummary[] {
  const key = ({ engine, threads }: Trained) => `${threads} ${engine}`;
  return [...new Set(rows.map(key))].map((name): TrainingSummary => {
    const group = rows.filter((row) => key(row) === name);
    const [{ engine, threads }] = group as [Trained];
    const ours = rows.filter((row) => row.engine === NATIVE && row.threads === threads);
    const nats = group.map(({ validationNats }) => validationNats);
    const ratios = (of: "seconds" | "wallSeconds") =>
      group.map((row) => (ours.find(({ seed }) => seed === row.seed) as Trained)[of] / row[of]);
    return {
      engine,
      threads,
      seeds: group.length,
      meanNats: round(mean(nats), 4),
      spreadNats: round(Math.max(...nats) - Math.min(...nats), 4),
      differenceNats: round(mean(ours.map(({ validationNats }) => validationNats)) - mean(nats), 4),
      seconds: round(median(group.map(({ seconds }) => seconds)), 2),
      secondsRatio: round(median(ratios("seconds")), 3),
      wallRatio: round(median(ratios("wallSeconds")), 3),
    };
  });
}

/** Each training, then what they come to. */
export function trainingTable(rows: readonly Trained[]): string {
  const nats = (value: number) => value.toFixed(4);
  const ratio = (value: number) => value.toFixed(2);
  const each: TableColumn[] = [
    { key: "seed", heading: "seed" },
    { key: "threads", heading: "threads" },
    { key: "engine", heading: "engine" },
    { key: "steps", heading: "steps" },
    { key: "validationNats", heading: "validation loss", format: nats },
    { key: "seconds", heading: "seconds" },
    { key: "wallSeconds", heading: "whole process" },
  ];
  const all: TableColumn[] = [
    { key: "threads", heading: "threads" },
    { key: "engine", heading: "engine" },
    { key: "seeds", heading: "seeds" },
    { key: "meanNats", heading: "mean loss", format: nats },
    { key: "spreadNats", heading: "spread", format: nats },
    { key: "differenceNats", heading: "native − this", format: nats },
    { key: "seconds", heading: "seconds" },
    { key: "secondsRatio", heading: "time, native / this", format: ratio },
    { key: "wallRatio", heading: "whole process, native / this", format: ratio },
  ];
  const summary = summaryOf(rows).map((row) => ({ ...row }));
  return `${textTable(
    each,
    rows.map((row) => ({ ...row })),
  )}\n\n${textTable(all, summary)}`;
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
