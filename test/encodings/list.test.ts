/** The list of encodings is the folder's. */
import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { encodings } from "../../src/encodings/index.ts";

/** The interface, the list, what several share, and rope's scalings with their fields. */
const OTHERS = new Set([
  ...["encoding.ts", "index.ts", "causal.ts", "distance-table.ts"],
  ...["rope-scaling.ts", "rope-scaling-fields.ts"],
]);

test("every file of src/encodings is one listed encoding, named after its kind", () => {
  const files = readdirSync(new URL("../../src/encodings/", import.meta.url)).filter(
    (file) => file.endsWith(".ts") && !OTHERS.has(file),
  );
  expect(encodings.map(({ kind }) => `${kind}.ts`).toSorted()).toEqual(files.toSorted());
  expect(encodings).toHaveLength(23);
});
