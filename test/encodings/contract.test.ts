import { beforeAll } from "vitest";
import { encodings } from "../../src/encodings/index.ts";
import { startTestEngine } from "../engine-for-tests.ts";
import { describeContract } from "./contract.ts";
import { testCompiled } from "./contract-engines.ts";
import { testMemory } from "./contract-memory.ts";

beforeAll(async () => {
  await startTestEngine();
});

for (const definition of encodings) {
  describeContract(definition);
  testCompiled(definition);
  testMemory(definition);
}
