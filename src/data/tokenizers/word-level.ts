/**
 * How vocabularies of pieces of running text are saved: Hugging Face's WordLevel over a split,
 * joined again without spaces.
 */
import { z } from "zod";
import { unknownToken } from "./tokenizer.ts";
import { vocabJson } from "./vocabulary.ts";

/** The pre-tokenizer that makes each match of a pattern a piece. */
export const splitBy = <P extends string>(pattern: P) =>
  z.strictObject({
    type: z.literal("Split"),
    pattern: z.strictObject({ Regex: z.literal(pattern) }),
    behavior: z.literal("Isolated"),
    invert: z.literal(false),
  });

/** The `tokenizer.json` of a vocabulary of such pieces. */
export function splitWordLevel(tokens: readonly string[], pattern: string) {
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: {
      type: "Split",
      pattern: { Regex: pattern },
      behavior: "Isolated",
      invert: false,
    } satisfies z.infer<ReturnType<typeof splitBy<string>>>,
    post_processor: null,
    decoder: { type: "Fuse" },
    model: { type: "WordLevel", vocab: vocabJson(tokens), unk_token: unknownToken },
  };
}
