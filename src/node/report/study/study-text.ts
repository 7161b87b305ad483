/** How far a study is, for a person at a terminal. */
import { count } from "../../../figures/format.ts";
import { textTable } from "../../../figures/table.ts";
import { groupsOf } from "../../../probes/groups.ts";
import { isDone, type Standing } from "../../jobs/study/run-study.ts";
import { terminalColumns } from "../wrap.ts";

/** A row a sweep, and a sentence. */
export function studyText(standings: readonly Standing[]): string {
  const done = standings.filter(isDone).length;
  const rows = groupsOf(standings, ({ run }) => run.sweep.name).map((some) => {
    const of = (state: Standing["state"]) => some.filter((one) => one.state === state).length;
    const [sweep, left] = [(some[0] as Standing).run.sweep, some.filter((one) => !isDone(one)).length];
    return {
      ...{ sweep: sweep.name, runs: some.length, published: of("published"), here: of("done") },
      ...{ unasked: of("trained"), begun: of("begun"), left },
    };
  });
  const columns = [
    { key: "sweep", heading: "sweep" },
    { key: "runs", heading: "runs", format: count },
    { key: "published", heading: "published", format: count },
    { key: "here", heading: "done here", format: count },
    { key: "unasked", heading: "to be probed", format: count },
    { key: "begun", heading: "begun", format: count },
    { key: "left", heading: "left", format: count },
  ];
  return `${textTable(columns, rows, terminalColumns())}\n\nstudy: ${count(done)} of ${count(standings.length)} runs are done\n`;
}
