/** What a step directory has for Hugging Face's libraries, beside the tensors. */
import type { Tokenizer } from "../../../data/tokenizers/tokenizer.ts";
import { fits } from "../../../formats/huggingface/architecture.ts";
import { gpt2 } from "../../../formats/huggingface/gpt2.ts";
import type { Model } from "../../../model/model.ts";
import { type FileContent, indentedJson } from "../../files/durable.ts";

/**
 * Fields of a step directory's config.json beside our own: where it is a GPT-2, whose names are
 * ours, all that makes it one.
 */
export function huggingFaceFields(model: Model, tokenizer: Tokenizer): Record<string, unknown> {
  return fits(gpt2, model) ? gpt2.write(model, tokenizer, 0) : { model_type: "whereabouts" };
}

/** The files that say what the tokens are. */
export function tokenizerFiles({ toJSON, settings }: Tokenizer): Record<string, FileContent> {
  return {
    "tokenizer.json": indentedJson(toJSON()),
    ...(settings !== undefined && { "tokenizer_config.json": indentedJson(settings) }),
  };
}
