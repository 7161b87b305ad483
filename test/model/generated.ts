/** Generation as tests ask for it: all tokens of each row. */

import { createGenerator, type GenerateOptions, type GeneratorOptions } from "../../src/model/generate.ts";
import type { Model } from "../../src/model/model.ts";
import type { Params } from "../../src/tensor/params.ts";
import { someTokens } from "./small.ts";

export const PROMPTS = someTokens(2, 3);

/** What each row got, in order; several tokens a call wherever graphs are compiled, unless told otherwise. */
export async function generated(
  model: Model,
  params: Params,
  options: GenerateOptions,
  setting: GeneratorOptions = {},
  prompts = PROMPTS,
): Promise<number[][]> {
  const generator = createGenerator(model, params, { slots: 4, foreseeFrom: 1, ...setting });
  const rows = prompts.map((): number[] => []);
  try {
    for await (const step of generator.generate(prompts, options))
      step.forEach((id, i) => {
        if (id !== undefined) rows[i]?.push(id);
      });
  } finally {
    generator.close();
  }
  return rows;
}
