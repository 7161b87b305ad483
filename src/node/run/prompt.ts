/** A text that a model is to go on with, as tokens. */
import { endsOf, endsOfForeign, openingIds, type TextEnds } from "../../data/index.ts";
import { InputError } from "../../errors.ts";
import type { Checkpoint } from "./checkpoint.ts";

/** How the texts of a checkpoint begin and end. */
export const endsOfCheckpoint = ({
  preset,
  tokenizer,
}: Pick<Checkpoint, "preset" | "tokenizer">): TextEnds =>
  preset === undefined ? endsOfForeign(tokenizer) : endsOf(preset.data, tokenizer);

/**
 * The ids of a text, after what opens the texts of the model.
 *
 * @throws InputError where there is nothing to go on with, or the text holds what has no token
 */
export function promptIds(text: string, checkpoint: Pick<Checkpoint, "preset" | "tokenizer">): number[] {
  const { preset, tokenizer } = checkpoint;
  const opening = openingIds(tokenizer, preset?.data);
  const ids = tokenizer.encode(text);
  const all = opening.every((id, i) => id === ids[i]) ? ids : [...opening, ...ids];
  if (all.length === 0)
    throw new InputError("--prompt: is empty, and nothing opens the texts of this model; give some text");
  return all;
}
