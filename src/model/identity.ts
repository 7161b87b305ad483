/** Which models compute the same. */
import type { EncodingDefinition } from "../encodings/encoding.ts";

const identities = new WeakMap<object, string>();

/** What decides what a model computes. */
interface Identified {
  readonly config: object;
  readonly vocabSize: number;
  readonly definitions: readonly EncodingDefinition[];
}

/** Of a model that was just made. */
export function identify(model: Identified): void {
  const { config, vocabSize, definitions } = model;
  identities.set(model, JSON.stringify([config, vocabSize, ...definitions.map(numberOf)]));
}

/**
 * The same for two models that compute the same from the same parameters; undefined for one that was
 * changed after it was made, by taps or otherwise.
 */
export const identityOf = (model: object): string | undefined => identities.get(model);

const numbers = new WeakMap<EncodingDefinition, number>();
let definitions = 0;

/** A person's encoding may have the kind of another, or be one that was edited. */
function numberOf(definition: EncodingDefinition): number {
  const number = numbers.get(definition) ?? definitions++;
  numbers.set(definition, number);
  return number;
}
