/** How far a study is, for a person at a terminal. */
import { count, listed } from "../../../figures/format.ts";
import { textTable } from "../../../figures/table.ts";
import { groupsOf } from "../../../probes/groups.ts";
import { isDone, type Standing, unanswered } from "../../jobs/study/run-study.ts";
import { terminalColumns } from "../wrap.ts";

/** A row a sweep, and a sentence. */
export function studyText(standings: readonly Standing[]): string {
  const done = standings.filter(isDone).length;
  const rows = groupsOf(standings, ({ run }) => run.sweep.name).map((some) => {
    const of = (state: Standing["state"]) => some.filter((one) => one.state === state).length;
    const [sweep, left] = [(some[0] as Standing).run.sweep, some.filter((one) => !isDone(one)).length];
    return {
      ...{ sweep: sweep.name, runs: some.length, published: of("published"), here: of("done") },
      ...{ less: of("asked less"), unasked: of("trained"), begun: of("begun"), left },
    };
  });
  const columns = [
    { key: "sweep", heading: "sweep" },
    { key: "runs", heading: "runs", format: count },
    { key: "published", heading: "published", format: count },
    { key: "here", heading: "done here", format: count },
    { key: "less", heading: "asked less", format: count },
    { key: "unasked", heading: "to be probed", format: count },
    { key: "begun", heading: "begun", format: count },
    { key: "left", heading: "left", format: count },
  ];
  const sentence = `study: ${count(done)} of ${count(standings.length)} runs are done`;
  return `${[`${textTable(columns, rows, terminalColumns())}\n`, ...askedLessTexts(standings), sentence].join("\n")}\n`;
}

/** A sentence a sweep, on published runs that lack an answer: they are never trained anew unasked. */
export function askedLessTexts(standings: readonly Standing[]): string[] {
  const less = standings.filter(({ state }) => state === "asked less");
  return groupsOf(less, ({ run }) => run.sweep.name).map((some) => {
    const lacks = listed([...new Set(some.flatMap(unanswered))]);
    const of = (some[0] as Standing).run.sweep.name; // a group has one or more
    return `study: ${count(some.length)} published runs of ${of} lack an answer (${lacks}), and are not here; give --runs where they are, or --retrain to train them anew`;
  });
}
