/** Results by what the contexts of their rows were made of. */
import type { Measurement } from "../probes/probe.ts";
import type { DemoResult } from "./results.ts";

const TITLES: Readonly<Record<string, string>> = {
  windows: "In running text",
  pairs: "In stories with a question",
};

/** The results with the rows of one material alone, for each that there is. */
export function materialsOf(results: readonly DemoResult[]): { title: string; results: DemoResult[] }[] {
  return Object.entries(TITLES).flatMap(([material, title]) => {
    const own = (row: Measurement) => row.at.material === material;
    const some = results.map((result) => ({ ...result, measurements: result.measurements.filter(own) }));
    return some.some(({ measurements }) => measurements.length > 0) ? [{ title, results: some }] : [];
  });
}
