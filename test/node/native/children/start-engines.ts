/**
 * Starts engines (names with commas) one after another, and prints TF_ENABLE_ONEDNN_OPTS; a second
 * argument sets it first.
 */
import type { EngineName } from "../../../../src/engine/index.ts";
import { startEngine } from "../../../../src/node/native/engines.ts";

const [names = "", oneDnn] = process.argv.slice(2);
if (oneDnn !== undefined) process.env.TF_ENABLE_ONEDNN_OPTS = oneDnn;
for (const name of names.split(",")) await startEngine(name as EngineName); // given by stderr.test.ts
process.stdout.write(`${process.env.TF_ENABLE_ONEDNN_OPTS}\n`);
