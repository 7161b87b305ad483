/** The list of encodings is the folder's. */
import { expect, test } from "vitest";
import { encodings } from "../../src/encodings/index.ts";
import { encodingFiles } from "../sources.ts";

test("every file of src/encodings is one listed encoding, named after its kind", () => {
  expect(encodings.map(({ kind }) => `${kind}.ts`).toSorted()).toEqual(encodingFiles().toSorted());
  expect(encodings).toHaveLength(23);
});
