/** Rows of probes as CSV: one line each, and what is missing is empty. */
import { expect, test } from "vitest";
import { measurementsCsv } from "../../../src/node/report/csv.ts";
import type { Measurement, Probe } from "../../../src/probes/probe.ts";

const row = (fields: Partial<Measurement>): Measurement => ({
  ...{ metric: "m", value: 1, unit: "nats", n: 2, at: {} },
  ...fields,
});
const answer = (name: string, ...rows: Measurement[]) => ({ probe: { name } as Probe, rows });

test("columns are the same for all rows; coordinates that a row lacks, and values that there are none of, are empty", () => {
  const rows = [
    row({ value: 1e-7, se: 0.25, at: { layer: 1 } }),
    row({ value: null, se: "exact", at: { split: "heldout", layer: 2 } }),
  ];
  expect(measurementsCsv([answer("a", ...rows), answer("b", row({ se: "exact", at: {} }))])).toBe(
    "probe,metric,value,unit,n,se,layer,split\n" +
      "a,m,1e-7,nats,2,0.25,1,\n" +
      "a,m,,nats,2,,2,heldout\n" +
      "b,m,1,nats,2,0,,\n", // an exact value has no error
  );
});

test("commas, quotes and line breaks are quoted, and a coordinate never hides a column", () => {
  const at = { split: 'my "best", text\nof two lines.txt', value: 3 };
  expect(measurementsCsv([answer("a", row({ at }))])).toBe(
    'probe,metric,value,unit,n,se,split,at.value\na,m,1,nats,2,,"my ""best"", text\nof two lines.txt",3\n',
  );
});
