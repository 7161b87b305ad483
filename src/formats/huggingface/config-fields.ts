/**
 * The fields of a config.json, none of them passed over in silence.
 *
 * A class of Hugging Face's libraries takes any field, knows some under two names (its
 * `attribute_map`) and has a default for what is left out. So a file may mean another model than
 * the one that a loose schema sees: here every field is read, known to change no logit, or named.
 */
import { z } from "zod";
import { parseConfig } from "../../config.ts";
import { InputError } from "../../errors.ts";
import { quoted } from "../strict-json.ts";

/** What is known of the config.json of one architecture. */
export interface KnownFields<S extends z.ZodObject> {
  /** Its class in Hugging Face's libraries, such as "GPT2Config". */
  readonly title: string;
  /** The fields that our model follows; a default is the class's own. */
  readonly schema: S;
  /** Other names of these fields. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** Further fields that change no logit while they hold such values. */
  readonly harmless?: Readonly<Record<string, z.ZodType>>;
}

/** `harmless` fields that change no logit whatever they hold; `names` are parted by spaces. */
export const whatever = (names: string): Record<string, z.ZodType> =>
  Object.fromEntries(names.split(" ").map((name) => [name, z.unknown()]));

export interface ReadFields<S extends z.ZodObject> {
  readonly config: z.output<S>;
  /** Defaults that were taken, and fields that nobody reads. */
  readonly notes: readonly string[];
}

/**
 * Reads a parsed config.json.
 *
 * @throws InputError for a field that our model cannot follow, or two names of one field that differ.
 */
export function readFields<S extends z.ZodObject>(
  { title, schema, aliases = {}, harmless = {} }: KnownFields<S>,
  json: unknown,
  where: string,
): ReadFields<S> {
  const fields = renamed(parseConfig(z.looseObject({}), json, where), schema, aliases, where);
  const config = parseConfig(schema, fields, where);
  const others = { ...HARMLESS, ...harmless };
  const unread = Object.keys(fields).filter((name) => {
    if (Object.hasOwn(schema.shape, name)) return false;
    if (!Object.hasOwn(others, name)) return true;
    parseConfig(z.nullish(others[name] as z.ZodType), fields[name], `${where}: ${name}`);
    return false;
  });
  return { config, notes: [...defaultsTaken(title, schema, fields, where), ...unreadNote(unread, where)] };
}

/** @returns a copy in which every field has its own name */
function renamed(
  json: Readonly<Record<string, unknown>>,
  schema: z.ZodObject,
  aliases: Readonly<Record<string, string>>,
  where: string,
): Record<string, unknown> {
  const fields: Record<string, unknown> = { ...json };
  for (const [alias, name] of Object.entries(aliases)) {
    if (!Object.hasOwn(fields, alias)) continue;
    const value = fields[alias];
    parseConfig(schema.shape[name] as z.ZodType, value, `${where}: ${alias}`);
    if (Object.hasOwn(fields, name) && fields[name] !== value) {
      const both = `${alias} ${JSON.stringify(value)} and ${name} ${JSON.stringify(fields[name])}`;
      throw new InputError(`${where}: ${both} are two names of one field; leave one of them out`);
    }
    fields[name] = value;
    delete fields[alias];
  }
  return fields;
}

/**
 * Fields whose default says nothing new: dropout is off where a model is read, and what is stored
 * tells whether tables are tied.
 */
const UNSAID = /drop|^tie_word_embeddings$/;

function defaultsTaken(
  title: string,
  schema: z.ZodObject,
  fields: Readonly<Record<string, unknown>>,
  where: string,
): string[] {
  const taken = Object.entries(schema.shape).flatMap(([name, type]) => {
    if (Object.hasOwn(fields, name) || UNSAID.test(name)) return [];
    if (!(type instanceof z.ZodDefault) || type.unwrap() instanceof z.ZodLiteral) return [];
    return [`${name} (${JSON.stringify(type.parse(undefined))})`];
  });
  return taken.length === 0
    ? []
    : [`${where}: does not say ${taken.join(", ")}; these are the defaults of ${title}`];
}

/** Names the fields that nobody reads. */
export function unreadNote(names: readonly string[], where: string): string[] {
  if (names.length === 0) return [];
  const listed = names.slice(0, 20).map((name) => quoted(name).slice(1, -1));
  const more = names.length > 20 ? [`${names.length - 20} more`] : [];
  return [`${where}: not read, and not known to change nothing: ${[...listed, ...more].join(", ")}`];
}

const any = z.unknown();

/**
 * Fields of every class that change no logit: where they come from, training, generation, other
 * tasks, token ids.
 */
const HARMLESS: Readonly<Record<string, z.ZodType>> = {
  ...Object.fromEntries(
    [
      ..."model_type architectures transformers_version _name_or_path name_or_path _commit_hash dtype torch_dtype".split(
        " ",
      ),
      ..."_attn_implementation attn_implementation _attn_implementation_autoset auto_map tokenizer_class".split(
        " ",
      ),
      ..."return_dict output_hidden_states output_attentions use_cache torchscript use_bfloat16".split(" "),
      ..."gradient_checkpointing chunk_size_feed_forward initializer_range tie_encoder_decoder tf_legacy_loss".split(
        " ",
      ),
      ..."id2label label2id num_labels problem_type finetuning_task task_specific_params classifier_dropout".split(
        " ",
      ),
      ..."bos_token_id eos_token_id pad_token_id unk_token_id sep_token_id cls_token_id mask_token_id".split(
        " ",
      ),
      ..."decoder_start_token_id prefix max_length min_length do_sample early_stopping num_beams num_beam_groups".split(
        " ",
      ),
      ..."diversity_penalty temperature top_k top_p typical_p repetition_penalty length_penalty".split(" "),
      ..."no_repeat_ngram_size encoder_no_repeat_ngram_size bad_words_ids num_return_sequences output_scores".split(
        " ",
      ),
      ..."return_dict_in_generate forced_bos_token_id forced_eos_token_id remove_invalid_values".split(" "),
      ..."exponential_decay_length_penalty suppress_tokens begin_suppress_tokens".split(" "),
    ].map((name) => [name, any]),
  ),
  is_encoder_decoder: z.literal(false),
  add_cross_attention: z.literal(false),
  cross_attention_hidden_size: z.null(),
  pruned_heads: z.strictObject({}),
  quantization_config: z.null(
    "the weights are quantized, which is not read; load them with transformers, dequantize, and save float32",
  ),
};
