/** Loads each file that it is sent as an own encoding, makes one, and answers with the error's name and message, or with "loaded". */
import { loadOwnEncoding } from "../../../src/run/own-encoding.ts";

process.on("message", async (file: string) => {
  try {
    const { definition } = await loadOwnEncoding(file);
    const shape = { layers: 1, heads: 2, width: 8, headWidth: 4, context: 8, causal: true };
    definition.create(definition.config.parse({}), shape);
    process.send?.("loaded");
  } catch (error) {
    process.send?.(`${(error as Error).name}: ${(error as Error).message}`);
  }
});
