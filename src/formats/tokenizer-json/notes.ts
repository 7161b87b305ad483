/** What a person should know of a tokenizer from elsewhere. */
import type { Tokenizer } from "../../data/tokenizers/tokenizer.ts";
import { quoted } from "../strict-json.ts";
import type { Frame } from "./frame.ts";

/** @param spellings of all tokens of the file, by id */
export function notesOf(
  { vocabSize, opening, preface = [], closing = [], token }: Tokenizer,
  { after }: Frame,
  spellings: readonly (string | undefined)[],
  where: string,
): string[] {
  const rows = Array.from({ length: vocabSize }, (_, id) => id);
  const empty = rows.filter((id) => spellings[id] === undefined);
  const beyond = spellings.slice(vocabSize).filter((spelling) => spelling !== undefined);
  const named = (ids: readonly number[]) => ids.map((id) => quoted(token(id))).join(" ");
  const opens = opening === undefined ? [] : [...preface, opening];
  const verb = (ids: readonly number[], word: string) => (ids.length === 1 ? `${word}s` : word);
  return [
    ...(opens.length === 0 ? [] : [`${where}: ${named(opens)} ${verb(opens, "open")} every text`]),
    ...(closing.length === 0
      ? []
      : [
          `${where}: ${named(closing)} ${verb(closing, "end")} every text: a masked model is given it behind its mask, a causal one is not`,
        ]),
    ...(after.length > closing.length
      ? [`${where}: a token that would end every text has no row in the model, and is left out`]
      : []),
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
