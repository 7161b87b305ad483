/** What a person should know of a tokenizer from elsewhere. */
import type { Tokenizer } from "../../data/tokenizers/tokenizer.ts";
import { quoted } from "../strict-json.ts";
import type { Frame } from "./frame.ts";

/** @param spellings of all tokens of the file, by id */
export function notesOf(
  { vocabSize, opening, token }: Tokenizer,
  { after }: Frame,
  spellings: readonly (string | undefined)[],
  where: string,
): string[] {
  const rows = Array.from({ length: vocabSize }, (_, id) => id);
  const empty = rows.filter((id) => spellings[id] === undefined);
  const beyond = spellings.slice(vocabSize).filter((spelling) => spelling !== undefined);
  const ends = after.filter((id) => id < vocabSize).map((id) => quoted(token(id)));
  return [
    ...(opening === undefined ? [] : [`${where}: ${quoted(token(opening))} opens every text`]),
    ...(ends.length === 0 ? [] : [`${where}: ${ends.join(" ")}, which would end every text, is left out`]),
    ...(empty.length === 0
      ? []
      : [`${where}: names no token for ${empty.length} of the model's ${vocabSize} rows, first ${empty[0]}`]),
    ...(beyond.length === 0
      ? []
      : [
          `${where}: names ${beyond.length} tokens for which the model has no row, such as ${quoted(beyond[0] as string)}; a text that holds one is refused`,
        ]),
  ];
}
