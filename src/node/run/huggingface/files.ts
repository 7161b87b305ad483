/** What a step directory has for Hugging Face's libraries, beside the tensors. */
import type { Tokenizer } from "../../../data/tokenizers/tokenizer.ts";
import { fits } from "../../../formats/huggingface/architecture.ts";
import { gpt2 } from "../../../formats/huggingface/gpt2.ts";
import type { Origin } from "../../../formats/huggingface/origin.ts";
import type { Model } from "../../../model/model.ts";
import { type FileContent, indentedJson } from "../../files/durable.ts";

/**
 * Fields of a step directory's config.json beside our own: where it is a GPT-2, whose names are
 * ours, all that makes it one.
 */
export function huggingFaceFields(
  { model, tokenizer }: { readonly model: Model; readonly tokenizer: Tokenizer },
  origin?: Origin,
): Record<string, unknown> {
  if (!fits(gpt2, model)) return { model_type: "whereabouts" };
  const own = origin?.architecture === gpt2.type ? origin.tokenIds : {};
  return { ...gpt2.write(model, tokenizer, 0), ...own };
}

/** The files that say what the tokens are. */
export function tokenizerFiles({ toJSON, settings }: Tokenizer): Record<string, FileContent> {
  return {
    "tokenizer.json": indentedJson(toJSON()),
    ...(settings !== undefined && { "tokenizer_config.json": indentedJson(settings) }),
  };
}
