/**
 * `whereabouts encodings`: the position encodings that a preset can name, with their fields, claims
 * and sources.
 */
import type { ArgumentsCamelCase, Argv } from "yargs";
import { parseConfig } from "../src/config.ts";
import { encodings } from "../src/encodings/index.ts";
import { catalogueOf } from "../src/model/catalogue.ts";
import { modelSchema } from "../src/model/config.ts";
import { createModel } from "../src/model/model.ts";
import { encodingsText } from "../src/node/report/encodings-text.ts";
import { printJson, printText } from "./print.ts";

interface EncodingsArguments {
  readonly json: boolean;
}

export const command = "encodings";
export const describe = "list the position encodings, their fields and sources";

/** Adds this command's options. */
export function builder(yargs: Argv): Argv<EncodingsArguments> {
  return yargs.option("json", { type: "boolean", default: false, describe: "print them as JSON" });
}

/** Runs the command. */
export function handler({ json }: ArgumentsCamelCase<EncodingsArguments>): void {
  const model = parseConfig(modelSchema(), { position: { kind: "none" } }, "model"); // the shape of the default model
  const entries = catalogueOf(encodings, createModel(model, 2).shape);
  if (json) printJson("encodings", entries);
  else printText(`${encodingsText(entries)}\n`);
}
