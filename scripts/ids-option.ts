/** The option with which commands take tokens as their ids. */
import { InputError } from "../src/errors.ts";

/** @throws InputError unless the text is whole numbers with commas between. */
export function parseIds(text: string): number[] {
  const parts = text.split(",").map((part) => part.trim());
  if (parts.some((part) => !/^\d+$/.test(part))) {
    throw new InputError(`--ids: "${text}" is not a list of token ids; write --ids 1,2,3`);
  }
  return parts.map(Number);
}
