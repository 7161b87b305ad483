/**
 * Token ids, checked before any kernel sees them: engines differ in what an index outside a table
 * does (tfjs #777).
 */
import { InputError } from "../errors.ts";
import type { Model } from "./model.ts";

/**
 * Returns the tokens if they all are in the model's vocabulary.
 *
 * @throws InputError that names the first one that is not.
 */
export function requireTokens<T extends ArrayLike<number>>(model: Model, tokens: T): T {
  for (let i = 0; i < tokens.length; i++) {
    const id = tokens[i] as number;
    if (!(Number.isInteger(id) && id >= 0 && id < model.vocabSize)) {
      throw new InputError(
        `tokens: ${id} at index ${i} is outside [0, ${model.vocabSize}); the model has ${model.vocabSize} tokens`,
      );
    }
  }
  return tokens;
}
