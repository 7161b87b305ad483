/**
 * What a study publishes beside its file:
 *
 *     SWEEP/runs.jsonl     a line a run: all that it measured (jobs/study/published.ts)
 *     SWEEP/results.csv    a value a run and question: what is compared
 *     SWEEP/means.csv      each condition at each question: mean over seeds, interval, n
 *     SWEEP/results.json   what was decided: against no positions, and ties
 *     report.html          the page
 *     figures/NAME.svg     its figures, each as NAME.png too
 *     results.json         statements scored, orders, slopes
 *     provenance.json      commit, command, machine, hours, hashes of the files above
 */
import { dirname, join, relative } from "node:path";
import { answersOf, plainAnswer } from "../../../compare/answers.ts";
import type { ReportSection } from "../../../figures/figure.ts";
import { jsonText } from "../../../printable.ts";
import { metrics } from "../../../probes/index.ts";
import { ensureFolder, indentedJson, writeFileDurably } from "../../files/durable.ts";
import { readRegularText } from "../../files/regular.ts";
import { hashOf } from "../../files/sums.ts";
import { answered, publishedOf } from "../../jobs/study/local-runs.ts";
import { rounded } from "../../jobs/study/packed.ts";
import {
  asPublished,
  type PublishedRun,
  RUNS_FILE,
  sweepFolder,
  writePublished,
} from "../../jobs/study/published.ts";
import { readRegistered } from "../../jobs/study/registered-file.ts";
import type { Standing } from "../../jobs/study/run-study.ts";
import type { Study } from "../../jobs/study/study-file.ts";
import { meansCsv, valuesCsv } from "../csv.ts";
import { writeFigures } from "../figure-files.ts";
import { nodeDocument } from "../node-document.ts";
import { figuresOf, type Provenance, reportPage } from "../page.ts";
import { ordersAgree } from "./orders.ts";
import { ordersSections, ordersSentence } from "./orders-section.ts";
import { readmeWithStudy } from "./readme.ts";
import { type SweepSoFar, scoredStatements, slopesOf, sweepAnswers, sweepResults } from "./results.ts";
import {
  evidenceSection,
  registeredSection,
  registeredSentence,
  slopeSection,
  sweepSection,
} from "./sections.ts";

/** What publishes: for the page and for provenance.json. */
export interface StudyProvenance extends Omit<Provenance, "seeds" | "seconds" | "engine"> {
  readonly command: string;
  readonly machine: string;
}

/**
 * Writes all of it.
 *
 * @param readme a README that shows the study, which is brought up to it
 * @returns the paths
 * @throws InputError where a run that is done cannot be read, or a file not be written
 */
export async function publishStudy(
  study: Study,
  standings: readonly Standing[],
  provenance: StudyProvenance,
  readme?: string,
): Promise<string[]> {
  const sweeps = sweepResults(standings, await finishedRuns(standings));
  const files = new Map<string, string>();
  for (const result of sweeps.filter(({ finished }) => finished.length > 0)) {
    const folder = sweepFolder(study, result.sweep.name);
    ensureFolder(folder);
    await writePublished(
      join(folder, RUNS_FILE),
      result.finished.map(({ published }) => published),
    );
    const answers = answersOf(result.runs, metrics, {});
    files.set(join(folder, "results.csv"), valuesCsv(answers));
    files.set(join(folder, "means.csv"), meansCsv(answers));
    files.set(join(folder, "results.json"), jsonText("study", rounded(decisionsOf(result))));
  }
  const page = await pageOf(study, sweeps, provenance);
  files.set(join(study.folder, "report.html"), page.html);
  files.set(join(study.folder, "results.json"), `${jsonText("study", rounded(page.results), 1)}\n`);
  if (readme !== undefined) files.set(readme, readmeOf(study, sweeps, readme));
  const figures = await writeFigures(join(study.folder, "figures"), page.figures);
  for (const [path, text] of files) await writeFileDurably(path, text);
  const said = await provenanceOf(study, sweeps, provenance);
  await writeFileDurably(join(study.folder, "provenance.json"), indentedJson(said));
  return [...files.keys(), ...figures];
}

const readmeOf = (study: Study, sweeps: readonly SweepSoFar[], path: string): string =>
  readmeWithStudy(
    readRegularText(path),
    sweeps,
    relative(dirname(path), join(study.folder, "figures")).replaceAll("\\", "/"),
  );

async function finishedRuns(standings: readonly Standing[]): Promise<Map<string, PublishedRun>> {
  const finished = new Map<string, PublishedRun>();
  for (const standing of standings) {
    const found = await mostAnswers(standing);
    if (found !== undefined) finished.set(standing.run.name, asPublished(found));
  }
  return finished;
}

/** Of a run that is published and on this machine, the one with more answers; the machine's, if as many. */
async function mostAnswers({
  run,
  state,
  directory,
  published,
}: Standing): Promise<PublishedRun | undefined> {
  const isHere = directory !== undefined && (state === "done" || state === "trained");
  const here = isHere ? answered(directory, run).length : 0;
  const known = run.sweep.probes.filter((probe) => published?.probes.includes(probe)).length;
  return isHere && here > 0 && here >= known ? publishedOf(directory, run) : published;
}

/** Decisions against no positions, and the sets that nothing tells apart; the values are in results.csv. */
function decisionsOf(result: SweepSoFar): object[] {
  return sweepAnswers(result).map((answer) => {
    const { contrasts, summaries, ...rest } = plainAnswer(answer);
    return {
      ...rest,
      summaries: summaries.map(({ values, ...one }) => ({ ...one, n: values.length })),
      contrasts: contrasts.map(({ difference: { values: _, ...difference }, ...one }) => ({
        ...one,
        difference,
      })),
    };
  });
}

async function pageOf(study: Study, sweeps: readonly SweepSoFar[], provenance: StudyProvenance) {
  const document = await nodeDocument();
  const registered = readRegistered(study);
  const scored = scoredStatements(registered, sweeps);
  const [orders, slopes] = [ordersAgree(sweeps), slopesOf(sweeps)];
  const begun = sweeps.filter(({ finished }) => finished.length > 0); // what is not stands under evidence
  const sections: ReportSection[] = [
    ...ordersSections(sweeps, document),
    registeredSection(scored, registered.unasked),
    ...begun.map((one) => sweepSection(one, document)),
    slopeSection(slopes),
    evidenceSection(sweeps),
  ];
  const { machine, command, ...rest } = provenance;
  const runs = sweeps.flatMap(({ finished }) => finished);
  const engines = [...new Set(runs.map(({ published }) => published.versions.engine ?? ""))];
  const html = reportPage({
    title: "Which position encoding, and why?",
    subtitle: `${runs.length} small GPTs of two layers, of ${new Set(runs.map(({ run }) => run.condition)).size} position encodings on ${begun.length} data ${begun.length === 1 ? "set" : "sets"}, paired by seed: runs of one seed began with the same weights and saw the same batches.`,
    provenance: {
      ...rest,
      facts: { machine },
      engine: engines.join("; "),
      seeds: [...new Set(runs.map(({ run }) => run.preset.seed))].sort((a, b) => a - b),
      seconds: secondsOf(runs),
    },
    answer: [...orders.slice(0, 1).map(ordersSentence), registeredSentence(scored)],
    sections,
    commands: [
      [command, "writes this page and its tables again, of the runs that are published or on the machine"],
      ["npm run -s study", "goes on with the study from where it stopped"],
    ],
  });
  const results = {
    orders: orders.map(({ language, tasks, agreement }) => ({
      ...{ language: language.name, tasks: tasks.map((task) => task.name) },
      ...{ tau: agreement.mean, interval: agreement.interval, seeds: agreement.seeds.length },
      ...{ conditions: agreement.conditions, pairs: agreement.pairs, p: agreement.p },
    })),
    registered: scored.map(({ statement, sweep, parts }) => ({ id: statement.id, sweep: sweep.name, parts })),
    slopes: slopes.map(({ sweep, ...slope }) => ({ sweep: sweep.name, ...slope })),
  };
  return { html, results, figures: figuresOf({ sections }) };
}

async function provenanceOf(
  study: Study,
  sweeps: readonly SweepSoFar[],
  { commit, date, command, machine, versions }: StudyProvenance,
) {
  const each = sweeps.map(async ({ sweep, planned, finished }) => ({
    ...{ name: sweep.name, planned, runs: finished.length },
    hours: Number((secondsOf(finished) / 3600).toFixed(3)),
    ...(finished.length > 0 && { sha256: await hashOf(join(sweepFolder(study, sweep.name), RUNS_FILE)) }),
  }));
  return { commit, date, command, machine, versions, sweeps: await Promise.all(each) };
}

const secondsOf = (finished: SweepSoFar["finished"]) =>
  finished.reduce((sum, { published }) => sum + published.seconds, 0);
